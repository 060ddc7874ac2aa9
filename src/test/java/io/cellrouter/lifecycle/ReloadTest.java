package io.cellrouter.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.MountedFile;
import io.cellrouter.support.TestRouter;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ROUTER_CONFIG changed under a running router, over real sockets. */
class ReloadTest {
  @TempDir Path mount;
  private final Map<String, DemoCell> cells = new HashMap<>();
  private MountedFile file;
  private TestRouter router;

  @BeforeEach
  void start() throws Exception {
    for (String id : List.of("1", "2", "3")) {
      cells.put(id, DemoCell.recording(id));
    }
    file = new MountedFile(mount, "cells.yaml", config(1, cell("1", ""), cell("2", "")));
    router =
        TestRouter.start(
            Map.of(
                "ROUTER_CONFIG",
                file.path().toString(),
                "ADMIN_KEYS_JSON",
                "{\"admin-key\":\"alice\"}"));
    Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
  }

  @AfterEach
  void stop() {
    router.close();
    cells.values().forEach(DemoCell::close);
  }

  @Test
  void takesWhatTheSwappedLinkLeadsToAndSaysInWordsWhatChanged() throws Exception {
    assertEquals(422, route("3").statusCode());

    file.change(config(2, cell("1", ", max_in_flight: 64"), cell("3", ", state: draining")));

    Eventually.isTrue(() -> route("3").body().contains("cell_draining"));
    assertEquals(422, route("2").statusCode(), "cell 2 is gone");
    assertEquals(200, route("1").statusCode());
    assertEquals(64, limits("1").get("max_in_flight"));
    Map<String, Object> cellsPage = Http.json(router.management().get("/cells"));
    assertEquals(2, cellsPage.get("map_version"));
    Map<?, ?> status = (Map<?, ?>) cellsPage.get("config");
    assertEquals("current", status.get("status"));
    assertEquals(2, status.get("version"));
    assertTrue(status.containsKey("problem"), "null stands there as such");
    assertTrue(metrics().contains("router_config_reloads_total{result=\"success\",} 2.0"));
    assertTrue(metrics().contains("router_config_version 2.0"));
    awaitAudit("cell 1: max_in_flight 256");
    awaitAudit("cell 2: removed");
    awaitAudit("cell 3: added");
    awaitAudit("\"who\":\"ROUTER_CONFIG\",\"before\":\"version 1\",\"after\":\"version 2\"");
  }

  @Test
  void seriesOfANewCellExistAtZeroAndTheGaugesOfARemovedOneEnd() throws Exception {
    route("2");
    Eventually.isTrue(
        () -> metrics().contains("router_overhead_seconds_count{cell_id=\"2\",} 1.0"));

    file.change(config(2, cell("1", ""), cell("3", "")));

    Eventually.isTrue(() -> metrics().contains("router_cell_share{cell_id=\"3\",} 100.0"));
    String page = metrics();
    for (String zero :
        List.of(
            "router_requests_total{cell_id=\"3\",status=\"503\",method=\"POST\",client=\"anonymous\",}",
            "router_refused_total{cell_id=\"3\",reason=\"breaker_open\",}",
            "router_breaker_transitions_total{cell_id=\"3\",to=\"open\",}",
            "router_endpoint_ejections_total{cell_id=\"3\",}",
            "router_retries_total{cell_id=\"3\",outcome=\"budget\",}",
            "router_upstream_errors_total{cell_id=\"3\",upstream=\"nginx-3\",}")) {
      assertTrue(page.contains(zero + " 0.0"), zero);
    }
    // It is probed too, without waiting for anything.
    Eventually.isTrue(() -> metrics().contains("router_cell_up{cell_id=\"3\",} 1.0"));
    for (String gauge :
        List.of(
            "router_cell_share",
            "router_cell_state",
            "router_cell_up",
            "router_inflight_requests",
            "router_bulkhead_limit",
            "router_breaker_state",
            "router_endpoints")) {
      assertFalse(page.contains(gauge + "{cell_id=\"2\""), gauge);
      assertTrue(page.contains(gauge + "{cell_id=\"1\""), gauge);
    }
    assertTrue(page.contains("router_overhead_seconds_count{cell_id=\"2\",} 1.0"), "counts stay");
    assertTrue(page.contains("router_breaker_transitions_total{cell_id=\"2\",to=\"open\",} 0.0"));
  }

  @Test
  void whatCannotBeUsedChangesNothingAndIsShownUntilItIsMended() throws Exception {
    int failures = 0;
    Map<String, String> bad =
        Map.of(
            "line 3", "version: 2\ncells:\n  \"1\": {url: \"ftp://nowhere\"}\n",
            "not YAML", "cells: [",
            "is empty", " \n",
            "older than version 1", config(0, cell("1", "")),
            "unknown member \\\"max_in_flite\\\"", config(2, cell("1", ", max_in_flite: 3")));
    for (Map.Entry<String, String> each : bad.entrySet()) {
      file.change(each.getValue());
      int expected = ++failures;
      Eventually.isTrue(() -> failures() == expected);
      assertStale(each.getKey());
    }
    file.remove();
    int expected = ++failures;
    Eventually.isTrue(() -> failures() == expected);
    assertStale("there is no file");

    file.change(config(1, cell("1", ""), cell("2", "")));
    Eventually.isTrue(() -> health().equals("current"));
    assertTrue(metrics().contains("router_config_stale 0.0"));
    assertEquals(failures, failures());
    assertEquals(1, Http.json(router.management().get("/cells")).get("map_version"));
  }

  private void assertStale(String words) {
    assertEquals(200, route("1").statusCode(), words);
    assertEquals(200, route("2").statusCode(), words);
    assertEquals("stale", health(), words);
    assertTrue(metrics().contains("router_config_stale 1.0"), words);
    String page = router.management().get("/cells").body();
    assertTrue(page.contains(words), words + " in " + page);
    Eventually.isTrue(
        () -> router.log().lines().anyMatch(l -> l.contains("\"config\"") && l.contains(words)));
  }

  @Test
  void aRequestInFlightToARemovedCellFinishes() throws Exception {
    cells.get("2").faults(Faults.NONE.with("latency", "2500"));
    CompletableFuture<HttpResponse<String>> slow = CompletableFuture.supplyAsync(() -> route("2"));
    Eventually.isTrue(() -> cells.get("2").received().size() == 1);

    file.change(config(2, cell("1", "")));
    Eventually.isTrue(() -> metrics().contains("router_map_version 2.0"));
    assertEquals(422, route("2").statusCode());
    assertFalse(slow.isDone(), "the change must come while the request is under way");

    assertEquals(200, slow.get().statusCode());
    Eventually.isTrue(
        () ->
            metrics()
                .contains(
                    "router_requests_total{cell_id=\"2\",status=\"200\",method=\"POST\",client=\"anonymous\",} 1.0"));
  }

  @Test
  void changesUnderLoadCostTheOtherCellsNothing() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<CompletableFuture<List<Integer>>> load = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      load.add(CompletableFuture.supplyAsync(() -> routeUntil("1", stop::get)));
    }
    for (int version = 2; version < 6; version++) {
      file.change(
          config(
              version,
              cell("1", ", max_in_flight: " + (100 + version)),
              cell("2", version % 2 == 0 ? ", state: disabled" : ""),
              version % 3 == 0 ? cell("3", "") : ""));
      int want = version;
      Eventually.isTrue(() -> limits("1").get("max_in_flight").equals(100 + want));
      override("2", "\"share\":" + version + ",\"expires_in\":60");
    }
    stop.set(true);

    for (CompletableFuture<List<Integer>> each : load) {
      List<Integer> statuses = each.get();
      assertTrue(statuses.size() > 20, "only " + statuses.size());
      assertEquals(List.of(), statuses.stream().filter(status -> status != 200).toList());
    }
    Eventually.isTrue(() -> metrics().contains("router_inflight_requests{cell_id=\"1\",} 0.0"));
    int received = cells.get("1").received().size();
    Eventually.isTrue( // The counts went on across the changes.
        () ->
            metrics()
                .contains(
                    "router_upstream_duration_seconds_count{cell_id=\"1\",} " + received + ".0"));
  }

  private List<Integer> routeUntil(String id, Supplier<Boolean> end) {
    List<Integer> statuses = new ArrayList<>();
    while (!end.get()) {
      statuses.add(route(id).statusCode());
    }
    return statuses;
  }

  @Test
  void anOverrideHoldsOverTheFileUntilItIsTakenBack() throws Exception {
    assertEquals(200, override("1", "\"state\":\"disabled\",\"expires_in\":600").statusCode());
    assertTrue(route("1").body().contains("cell_disabled"));

    file.change(config(2, cell("1", ", max_in_flight: 7"), cell("2", "")));
    Eventually.isTrue(() -> limits("1").get("max_in_flight").equals(7));
    assertTrue(route("1").body().contains("cell_disabled"), "a reload does not end it");

    assertEquals(200, override("1", "\"clear\":true").statusCode());
    assertEquals(200, route("1").statusCode());
  }

  private HttpResponse<String> override(String id, String members) {
    return router
        .management()
        .post("/cells", "{\"cellID\":\"" + id + "\"," + members + "}", "X-API-Key", "admin-key");
  }

  private HttpResponse<String> route(String id) {
    return router.http().route("{\"cellID\":\"" + id + "\"}");
  }

  private String health() {
    return (String) Http.json(router.http().get("/health")).get("config");
  }

  private String metrics() {
    return router.management().get("/metrics").body();
  }

  private int failures() {
    return metrics()
        .lines()
        .filter(line -> line.startsWith("router_config_reloads_total{result=\"failure\",}"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private Map<?, ?> limits(String id) {
    return ((List<?>) Http.json(router.management().get("/cells")).get("cells"))
        .stream()
            .map(cell -> (Map<?, ?>) cell)
            .filter(cell -> cell.get("id").equals(id))
            .map(cell -> (Map<?, ?>) cell.get("limits"))
            .findFirst()
            .orElseThrow();
  }

  private void awaitAudit(String words) {
    Eventually.isTrue(
        () ->
            router
                .log()
                .lines()
                .anyMatch(line -> line.contains("\"logger\":\"audit\"") && line.contains(words)));
  }

  private String cell(String id, String more) {
    return "  \"%s\": {name: nginx-%s, url: \"%s\"%s}\n"
        .formatted(id, id, cells.get(id).url(), more);
  }

  private static String config(int version, String... cells) {
    return (version == 0 ? "" : "version: " + version + "\n") + "cells:\n" + String.join("", cells);
  }
}
