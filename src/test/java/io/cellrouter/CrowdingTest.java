package io.cellrouter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Held;
import io.cellrouter.support.TestRouter;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Several cells hang and could take all the router's places: each of the others has its own. */
class CrowdingTest {
  @Test
  void hangingCellsLeaveRoomForTheOthers() throws Exception {
    try (TestRouter router = TestRouter.start(Map.of("ROUTER_MAX_IN_FLIGHT", "30"));
        Held first = Held.requests(router, "1", 14, "");
        Held second = Held.requests(router, "2", 9, "")) {
      HttpResponse<String> more = router.http().route("{\"cellID\":\"2\"}");
      assertEquals(503, more.statusCode());
      assertTrue(more.body().contains("\"reason\":\"bulkhead_full\""), more.body());
      assertTrue(more.headers().firstValue("Retry-After").isPresent());
      assertEquals(503, router.http().route("{\"cellID\":\"1\"}").statusCode());
      for (int i = 0; i < 20; i++) {
        assertEquals(200, router.http().route("{\"cellID\":\"3\"}").statusCode());
      }
    }
  }

  /** Of 45 places for normal priority two of five hold 34, which leaves 11: more than the 9. */
  @Test
  void aBusyCellGetsItsFairShareWhileTwoHang() throws Exception {
    try (TestRouter router =
            TestRouter.start(Map.of("ROUTER_MAX_IN_FLIGHT", "50", TestRouter.CELLS, "1,2,3,4,5"));
        Held first = Held.requests(router, "1", 23, "");
        Held second = Held.requests(router, "2", 11, "")) {
      assertEquals(503, router.http().route("{\"cellID\":\"1\"}").statusCode());
      assertEquals(503, router.http().route("{\"cellID\":\"2\"}").statusCode());
      try (Held busy = Held.requests(router, "3", 9, "")) {
        for (String id : List.of("4", "5")) {
          assertEquals(200, router.http().route("{\"cellID\":\"" + id + "\"}").statusCode());
        }
      }
    }
  }
}
