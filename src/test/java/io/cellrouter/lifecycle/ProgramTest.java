package io.cellrouter.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.RouterProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program as users start it: the packaged jar, and the delivered runtime. */
@Tag("system")
class ProgramTest {
  private static final Map<String, String> ONE_CELL = Map.of("NGINX_1_URL", "http://127.0.0.1:1");

  private static List<String> command(String packaging, String... arguments) {
    List<String> command = new ArrayList<>(RouterProcess.PACKAGED.get(packaging));
    command.addAll(List.of(arguments));
    return command;
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void demoRoutesAtOnceLogsJsonAndStopsOnCtrlC(String packaging) throws Exception {
    List<String> command = new ArrayList<>();
    if (System.getProperty("os.name").equals("Linux")) {
      // Tests run in the background inherit an ignored SIGINT, and a JVM leaves an ignored one so.
      command.addAll(List.of("env", "--default-signal=INT"));
    }
    command.addAll(command(packaging, "demo"));
    try (RouterProcess demo = RouterProcess.startCommand(command, Map.of())) {
      for (String cell : List.of("1", "2", "3")) {
        HttpResponse<String> answer = demo.http().route("{\"cellID\":\"" + cell + "\"}");
        assertEquals("nginx-" + cell, Http.json(answer).get("upstream"));
        String id = answer.headers().firstValue("X-Request-ID").orElseThrow();
        assertEquals(cell, JSON.std.mapFrom(demo.logLine(id)).get("cell_id"));
      }
      demo.signal("INT");
      assertEquals(0, demo.awaitExit());
      Eventually.isTrue(() -> demo.lines().getLast().contains("\"message\":\"stopped\""));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void aTermSignalFinishesWhatIsInFlightAndExitsWithZero(String packaging) throws Exception {
    try (DemoCell cell = DemoCell.recording("1");
        RouterProcess router =
            RouterProcess.startCommand(
                command(packaging), Map.of("NGINX_1_URL", cell.url(), "DRAIN_DELAY", "0.5"))) {
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
      cell.faults(Faults.NONE.with("latency", "1500"));
      CompletableFuture<HttpResponse<String>> inFlight =
          CompletableFuture.supplyAsync(() -> router.http().route("{\"cellID\":\"1\"}"));
      Eventually.isTrue(() -> cell.received().size() == 1);

      router.signal("TERM");

      Eventually.isTrue(() -> router.lines().stream().anyMatch(line -> line.contains("draining")));
      assertEquals(503, router.management().get("/ready").statusCode());
      assertEquals(200, inFlight.get().statusCode());
      assertEquals(0, router.awaitExit());
      assertTrue(router.lines().stream().anyMatch(line -> line.contains("\"status\":200")));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void aSecondSignalEndsItAtOnce(String packaging) throws Exception {
    Map<String, String> slowToStop =
        Map.of("NGINX_1_URL", "http://127.0.0.1:1", "DRAIN_DELAY", "600");
    try (RouterProcess router = RouterProcess.startCommand(command(packaging), slowToStop)) {
      router.signal("TERM");
      Eventually.isTrue(() -> router.lines().stream().anyMatch(line -> line.contains("draining")));
      router.signal("TERM");
      assertEquals(143, router.awaitExit());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void aBusyPortIsOneClearSentence(String packaging) throws Exception {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      RouterProcess.Ended ended =
          RouterProcess.runCommand(
              command(packaging),
              Map.of(
                  "NGINX_1_URL",
                  "http://127.0.0.1:1",
                  "PORT",
                  Integer.toString(busy.getLocalPort())));

      assertEquals(2, ended.exitCode());
      assertEquals(
          "cell-router: Port "
              + busy.getLocalPort()
              + " is already in use (or not ours to take); stop what uses it or set PORT to another"
              + " port.\n",
          ended.errors());
      assertFalse(ended.output().contains("Exception"), ended.output());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void aBadConfigurationIsToldWholeBeforeAnythingListens(String packaging) throws Exception {
    Map<String, String> bad = Map.of("PORT", "x", "LOG_LEVEL", "y", "API_KEYS_JSON", "{");
    for (String command : List.of("serve", "check-config")) {
      RouterProcess.Ended ended = RouterProcess.runCommand(command(packaging, command), bad);
      assertEquals(2, ended.exitCode());
      assertTrue(ended.errors().contains("cell-router: PORT must be"), ended.errors());
      assertTrue(ended.errors().contains("cell-router: LOG_LEVEL must be"), ended.errors());
      assertTrue(ended.errors().contains("cell-router: API_KEYS_JSON is not"), ended.errors());
      assertEquals("", ended.output());
    }
    RouterProcess.Ended tooLong =
        RouterProcess.runCommand(
            command(packaging, "check-config"),
            Map.of("NGINX_1_URL", "http://127.0.0.1:1", "REQUEST_TIMEOUT", "120"));
    assertEquals(2, tooLong.exitCode(), "serve would refuse it too");
    RouterProcess.Ended badKeys =
        RouterProcess.runCommand(
            command(packaging),
            Map.of("NGINX_1_URL", "http://127.0.0.1:1", "API_KEYS_JSON", "{\"top-secret\""));
    assertEquals(2, badKeys.exitCode());
    assertEquals("cell-router: API_KEYS_JSON is not valid JSON at line 1\n", badKeys.errors());
    RouterProcess.Ended good =
        RouterProcess.runCommand(command(packaging, "check-config"), ONE_CELL);
    assertEquals(0, good.exitCode());
    assertTrue(good.output().startsWith("The configuration is good: 1 cells"), good.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void aFileOfCellsIsJudgedAndComparedBeforeARouterGetsIt(String packaging, @TempDir Path folder)
      throws Exception {
    Path old = folder.resolve("old.yaml");
    Files.writeString(old, "cells: {\"1\": {url: \"http://a\"}}");
    Path fresh = folder.resolve("new.yaml");
    Files.writeString(fresh, "cells: {\"1\": {url: \"http://a\", share: 99}}");
    Path bad = folder.resolve("bad.yaml");
    Files.writeString(bad, "cells:\n  \"1\": {url: \"http://a\", shar: 99}");

    assertEquals(
        new RouterProcess.Ended(
            0, "cell 1: share 100 % -> 99 %: 1 % of its clients will be refused\n", ""),
        RouterProcess.runCommand(
            command(packaging, "check-config", "--diff", old.toString(), fresh.toString()),
            Map.of()));
    RouterProcess.Ended refused =
        RouterProcess.runCommand(
            command(packaging, "check-config", fresh.toString(), bad.toString()), Map.of());
    assertEquals(2, refused.exitCode());
    assertTrue(refused.output().startsWith(fresh + " is good: "), refused.output());
    assertTrue(
        refused.errors().startsWith("cell-router: " + bad + " line 2: unknown member \"shar\""),
        refused.errors());
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void healthcheckSaysByItsExitCodeWhetherTheProcessLives(String packaging) throws Exception {
    try (RouterProcess router = RouterProcess.startCommand(command(packaging), ONE_CELL)) {
      Map<String, String> there =
          Map.of("MANAGEMENT_PORT", Integer.toString(router.managementPort()));
      assertEquals(
          0, RouterProcess.runCommand(command(packaging, "healthcheck"), there).exitCode());
      router.signal("KILL");
      router.awaitExit();
      RouterProcess.Ended gone = RouterProcess.runCommand(command(packaging, "healthcheck"), there);
      assertEquals(1, gone.exitCode());
      assertTrue(gone.errors().contains("nothing answers on port"), gone.errors());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jar", "runtime"})
  void helpVersionAndAnUnknownCommand(String packaging) throws Exception {
    assertTrue(
        RouterProcess.runCommand(command(packaging, "help"), Map.of())
            .output()
            .contains("check-config"));
    assertEquals(
        "1.0.0\n", RouterProcess.runCommand(command(packaging, "version"), Map.of()).output());
    RouterProcess.Ended unknown = RouterProcess.runCommand(command(packaging, "sevre"), Map.of());
    assertEquals(2, unknown.exitCode());
    assertEquals("cell-router: unknown command \"sevre\"; help lists them\n", unknown.errors());
  }
}
