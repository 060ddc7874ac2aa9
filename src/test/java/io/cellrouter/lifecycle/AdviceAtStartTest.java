package io.cellrouter.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.support.TestRouter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdviceAtStartTest {
  private static long warnings(Map<String, String> environment) throws Exception {
    TestRouter router = TestRouter.start(environment);
    router.close();
    return router
        .log()
        .lines()
        .filter(line -> line.contains("\"level\":\"WARN\"") && line.contains("all clients are one"))
        .count();
  }

  @Test
  void aStartTellsThatAllClientsShareARate() throws Exception {
    assertEquals(1, warnings(Map.of("CLIENT_RATE", "5")));
    assertEquals(
        0,
        warnings(
            Map.of(
                "CLIENT_RATE", "5",
                "API_KEY_ENABLED", "true",
                "API_KEYS_JSON", "{\"key\":\"alice\"}")));
    assertEquals(0, warnings(Map.of()));
  }
}
