package io.cellrouter.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.TestRouter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the router tells about itself, and that no cell can keep it from telling. */
class StatusEndpointsTest {
  private static final Map<String, String> QUICK_PROBES =
      Map.of("PROBE_INTERVAL", "0.1", "PROBE_TIMEOUT", "0.1");

  @Test
  void healthTellsTheThreeStatesOfCells() throws Exception {
    try (TestRouter router = TestRouter.start(QUICK_PROBES)) {
      router.cell("2").faults(Faults.NONE.with("error-rate", "1"));
      router.cell("3").faults(Faults.NONE.with("stall", "headers"));

      Eventually.isTrue(
          () ->
              Http.json(router.http().get("/health"))
                  .get("upstreams")
                  .equals(
                      Map.of(
                          "nginx-1", "healthy",
                          "nginx-2", "unhealthy",
                          "nginx-3", "unreachable")));
      assertEquals("healthy", Http.json(router.http().get("/health")).get("status"));
      String metrics = router.management().get("/metrics").body();
      assertTrue(metrics.contains("router_cell_up{cell_id=\"1\",} 1.0"));
      assertTrue(metrics.contains("router_cell_up{cell_id=\"3\",} 0.0"));
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void cellsTellEveryUrlOfACellThatHasSeveral() throws Exception {
    try (TestRouter router =
        TestRouter.start(
            Map.of(
                "NGINX_1_URL", "http://127.0.0.1:1,http://127.0.0.1:2",
                "NGINX_2_URL", "http://127.0.0.1:3"))) {
      List<Map<String, Object>> cells =
          (List<Map<String, Object>>) Http.json(router.management().get("/cells")).get("cells");

      assertEquals("http://127.0.0.1:1/api", cells.getFirst().get("url"));
      assertEquals(
          List.of("http://127.0.0.1:1/api", "http://127.0.0.1:2/api"),
          cells.getFirst().get("urls"));
      assertEquals("http://127.0.0.1:3/api", cells.getLast().get("url"));
      assertEquals(null, cells.getLast().get("urls"));
    }
  }

  @Test
  void healthIsAsQuickWithAllCellsHanging() throws Exception {
    try (TestRouter fine = TestRouter.start();
        TestRouter hung = TestRouter.start(QUICK_PROBES)) {
      List.of("1", "2", "3")
          .forEach(id -> hung.cell(id).faults(Faults.NONE.with("stall", "headers")));
      Eventually.isTrue(() -> hung.http().get("/health").body().contains("unreachable"));

      // Side by side, so that the machine's speed does not matter; ten times is noise here, while
      // one call of a hanging cell would be a hundred.
      double fineMicros = medianMicros(fine);
      double hungMicros = medianMicros(hung);
      assertTrue(hungMicros < 10 * fineMicros, hungMicros + " µs against " + fineMicros + " µs");
    }
  }

  @Test
  void isNotReadyWhenNoCellHasBeenHealthyForThreeRoundsAndReadyAgainWithTheFirst()
      throws Exception {
    try (TestRouter router = TestRouter.start(QUICK_PROBES)) {
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
      List.of("1", "2", "3")
          .forEach(id -> router.cell(id).faults(Faults.NONE.with("error-rate", "1")));

      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 503);
      HttpResponse<String> notReady = router.management().get("/ready");
      assertEquals("no_healthy_cell", Http.json(notReady).get("reason"));
      assertEquals("1", notReady.headers().firstValue("Retry-After").orElse(""));
      assertEquals(200, router.management().get("/live").statusCode());

      router.cell("2").faults(Faults.NONE);
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
    }
  }

  @Test
  void isStartingUntilEveryCellHasBeenProbed() throws Exception {
    // Connections come about and nobody answers, until it is closed.
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        TestRouter router =
            TestRouter.start(
                Map.of(
                    "NGINX_1_URL",
                    "http://127.0.0.1:1",
                    "NGINX_2_URL",
                    "http://127.0.0.1:" + silent.getLocalPort(),
                    "PROBE_TIMEOUT",
                    "30"))) {
      assertEquals("starting", Http.json(router.http().get("/ready")).get("reason"));
      silent.close();
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
    }
  }

  @Test
  void explainsByTheDecisionARealRequestWouldMeet() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      Map<String, Object> routed = Http.json(router.management().get("/explain?cellID=2"));
      assertEquals("routed", routed.get("decision"));
      assertEquals("nginx-2", routed.get("upstream"));
      assertEquals("admitted", routed.get("admission"));
      Map<String, Object> rejected = Http.json(router.management().get("/explain?cellID=9"));
      assertEquals("unknown_cell", rejected.get("reason"));
      assertEquals(422, router.management().get("/explain").statusCode());
      assertEquals(List.of(), router.received());
      assertTrue(
          router
              .management()
              .get("/metrics")
              .body()
              .contains("router_inflight_requests{cell_id=\"2\",} 0.0"));
    }
  }

  @Test
  void rootListsTheEndpointsAndManagementIsNotOnThePublicPort() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
      Map<String, Object> root = Http.json(router.http().get("/"));
      assertEquals("Cell Router API", root.get("service"));
      assertEquals(false, root.get("auth_enabled"));
      for (Object path : ((Map<?, ?>) root.get("endpoints")).values()) {
        assertTrue(
            Arrays.asList(200, 405).contains(router.http().get(path.toString()).statusCode()),
            path.toString());
      }
      for (String path : List.of("/cells", "/explain", "/live")) {
        assertEquals(404, router.http().get(path).statusCode(), path);
        assertTrue(router.management().get(path).statusCode() < 500, path);
      }
      assertEquals(404, router.management().route("{\"cellID\":\"1\"}").statusCode());
      assertEquals(1, Http.json(router.management().get("/cells")).get("map_version"));
    }
  }

  private static double medianMicros(TestRouter router) {
    long[] nanos = new long[201];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      router.http().get("/health");
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos[nanos.length / 2] / 1e3;
  }
}
