package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.RouterProcess;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real program, started as somebody would who forgot about its flags. */
@Tag("system")
class RefusesToServeTest {
  private static final Map<String, String> ONE_CELL = Map.of("NGINX_1_URL", "http://127.0.0.1:1");

  private static void assertRefusal(RouterProcess.Ended ended, String names) {
    assertEquals(2, ended.exitCode(), ended.errors());
    assertEquals("", ended.output()); // It would have logged that it listens.
    assertEquals(1, ended.errors().lines().count(), ended.errors());
    assertTrue(
        ended.errors().startsWith("cell-router: refusing to serve without limits; start me with"),
        ended.errors());
    assertTrue(ended.errors().contains(names), ended.errors());
  }

  @Test
  void withoutTheEdgeOptionsItExitsWith2AndOneSentence() throws Exception {
    assertRefusal(RouterProcess.run(ONE_CELL), "-Dsun.net.httpserver.maxReqTime must be from 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-Dsun.net.httpserver.maxRspTime=0", "-Djdk.httpclient.disableRetryConnect=no"})
  void withOneOfThemSpoiltItNamesThatOne(String option) throws Exception {
    String file = "@" + Path.of("jlink", "edge.options").toAbsolutePath();
    assertRefusal(
        RouterProcess.run(ONE_CELL, file, option),
        ": " + option.substring(0, option.indexOf('=')) + " must be");
  }
}
