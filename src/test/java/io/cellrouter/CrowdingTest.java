package io.cellrouter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Held;
import io.cellrouter.support.TestRouter;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two of three cells hang and could take all the router's places: the third has its own. */
class CrowdingTest {
  private static final int PLACES = 30;

  @Test
  void hangingCellsLeaveRoomForTheOthers() throws Exception {
    try (TestRouter router =
            TestRouter.start(Map.of("ROUTER_MAX_IN_FLIGHT", Integer.toString(PLACES)));
        Held first = Held.requests(router, "1", 14, "");
        Held second = Held.requests(router, "2", 7, "")) {
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
}
