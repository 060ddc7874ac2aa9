package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Edge;
import io.cellrouter.support.Held;
import io.cellrouter.support.TestRouter;
import io.cellrouter.support.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code REFUSAL_DELAY}: what finds no room is told late, on a connection that is kept. */
class HeldBackRefusalTest {
  private static final long DELAY_MS = 600;

  private static TestRouter router(String cells) throws Exception {
    return TestRouter.start(
        Map.of(
            "ROUTER_MAX_IN_FLIGHT",
            "10",
            "REFUSAL_DELAY",
            Long.toString(DELAY_MS),
            "CELL_BREAKER",
            "false",
            TestRouter.CELLS,
            cells));
  }

  private static String asking(String cell) {
    return Edge.route("{\"cellID\":\"" + cell + "\"}");
  }

  private static void assertLate(TestRouter router, String cell, String reason) throws Exception {
    try (Wire wire = Wire.connect(router.port())) {
      long start = System.nanoTime();
      Wire.Answer answer = wire.send(asking(cell)).answer();
      long took = (System.nanoTime() - start) / 1_000_000;
      assertEquals(503, answer.status());
      assertTrue(answer.body().contains("\"reason\":\"" + reason + "\""), answer.body());
      assertTrue(took >= DELAY_MS, "after " + took + " ms");
      assertTrue(wire.survives(), "the connection is kept");
    }
  }

  @Test
  void aFullRouterTellsLate() throws Exception {
    try (TestRouter router = router("1");
        Held full = Held.requests(router, "1", 9, "")) {
      assertLate(router, "1", "router_overloaded");
    }
  }

  @Test
  void aCellThatHoldsItsPartOfTheRouterIsToldOfLate() throws Exception {
    try (TestRouter router = router("1,2");
        Held part = Held.requests(router, "1", 5, "")) {
      assertLate(router, "1", "bulkhead_full");
    }
  }

  /** Twice as many as there are places: a refusal that waits has given back what it had. */
  @Test
  void whatWaitsToBeToldTakesNoPlace() throws Exception {
    try (TestRouter router = router("1,2");
        Held part = Held.requests(router, "1", 5, "")) {
      List<Wire> waiting = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        waiting.add(Wire.connect(router.port()).send(asking("1")));
      }
      for (int i = 0; i < 20; i++) {
        assertEquals(200, router.http().route("{\"cellID\":\"2\"}").statusCode());
      }
      for (Wire wire : waiting) {
        try (wire) {
          assertEquals(503, wire.answer().status());
        }
      }
    }
  }
}
