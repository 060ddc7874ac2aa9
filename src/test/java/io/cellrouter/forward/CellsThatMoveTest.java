package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.TestRouter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several places of a cell, new cells and moved ones, through the whole router. */
class CellsThatMoveTest {
  private static final Map<String, String> SELDOM = Map.of("PROBE_INTERVAL", "300");

  @TempDir Path folder;

  @Test
  void oneOfTwoPlacesThatRefusesCostsNoRequest() throws Exception {
    String nobody;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = "http://127.0.0.1:" + free.getLocalPort();
    }
    try (DemoCell cell = DemoCell.recording("1");
        TestRouter router =
            TestRouter.start(
                Map.of(
                    "NGINX_1_URL", nobody + "," + cell.url(),
                    "CELL_EJECT_AFTER", "3",
                    "PROBE_INTERVAL", "300"))) {
      Eventually.isTrue(() -> health(router, "nginx-1").equals("healthy"));
      int further = 0;
      for (int i = 0; i < 40; i++) {
        HttpResponse<String> answer = router.http().route("{\"cellID\":\"1\"}");
        assertEquals(200, answer.statusCode());
        further += Integer.parseInt(answer.headers().firstValue("X-Cell-Attempts").get()) - 1;
      }
      assertEquals(3, further);
      assertEquals(40, cell.received().size());
    }
  }

  @Test
  void newAndMovedCellsAreServedAndProbedAtOnce() throws Exception {
    Path file = folder.resolve("cells.yaml");
    try (DemoCell old = DemoCell.recording("old");
        DemoCell anew = DemoCell.recording("new")) {
      Files.writeString(file, "cells:\n  a: {name: a, url: \"" + old.url() + "\"}\n");
      try (TestRouter router = TestRouter.start(with(Map.of("ROUTER_CONFIG", file.toString())))) {
        Eventually.isTrue(() -> health(router, "a").equals("healthy"));
        int probes = probes(router);

        Files.writeString(
            file,
            "cells:\n  a: {name: a, url: \""
                + old.url()
                + "\"}\n  b: {name: b, url: \""
                + anew.url()
                + "\"}\n");
        Eventually.isTrue(() -> health(router, "b").equals("healthy"));
        assertEquals(200, router.http().route("{\"cellID\":\"b\"}").statusCode());
        assertEquals(1, anew.received().size());
        assertEquals(probes, probes(router), "the cell that stays is not probed for it");

        old.close();
        Files.writeString(file, "cells:\n  a: {name: a, url: \"" + anew.url() + "\"}\n");
        Eventually.isTrue(() -> probes(router) > probes);
        assertEquals("healthy", health(router, "a"));
        assertEquals("gone", health(router, "b"));
        assertEquals(200, router.http().route("{\"cellID\":\"a\"}").statusCode());
        assertEquals(2, anew.received().size());
      }
    }
  }

  private static Map<String, String> with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(SELDOM);
    all.putAll(more);
    return all;
  }

  @SuppressWarnings("unchecked")
  private static String health(TestRouter router, String cell) {
    Map<String, String> upstreams =
        (Map<String, String>) Http.json(router.http().get("/health")).get("upstreams");
    return upstreams.getOrDefault(cell, "gone");
  }

  /** Probes of the first cell so far. */
  @SuppressWarnings("unchecked")
  private static int probes(TestRouter router) {
    Object cells = Http.json(router.management().get("/cells")).get("cells");
    Map<String, Object> first = ((List<Map<String, Object>>) cells).getFirst();
    return ((Number) first.get("probes")).intValue();
  }
}
