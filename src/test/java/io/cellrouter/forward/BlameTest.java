package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.Faults;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import io.cellrouter.support.Wire;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a cell's breaker hears of what went wrong; it opens with the first that counts. */
class BlameTest {
  private static final String TO_ONE = "{\"cellID\":\"1\"}";

  @ParameterizedTest
  @CsvSource({"2000, 1000", "3000, 1000", "600000, 1000", "1000, 500", "50, 25"})
  void aSecondIsFairOrHalfOfAllThereIs(long requestTimeout, long fair) {
    FairTime time = FairTime.of(Duration.ofMillis(requestTimeout));
    assertTrue(time.wasGiven(Duration.ofMillis(fair).toNanos()));
    assertFalse(time.wasGiven(Duration.ofMillis(fair).toNanos() - 1));
  }

  @Test
  void aCellIsNotToBlameForTimeThatAnUploadTook() throws Exception {
    try (TestRouter router =
            TestRouter.start(Map.of("REQUEST_TIMEOUT", "2", "CELL_BREAKER_MIN_REQUESTS", "1"));
        Wire slow = Wire.connect(router.port());
        Wire quick = Wire.connect(router.port())) {
      assertEquals(200, router.http().route(TO_ONE).statusCode(), "all that is lazy is loaded");
      router.cell("1").faults(Faults.NONE.with("stall", "headers"));
      String request = Wire.crlf(Edge.route(TO_ONE));
      slow.sendExactly(request.substring(0, request.length() - 1));
      assertFalse(slow.cutWithin(1_500), "still waiting for the body");
      Wire.Answer answer = slow.sendExactly("}").answer();

      assertEquals(504, answer.status());
      assertEquals("1", answer.header("X-Cell-Attempts"), "the cell was asked");
      assertEquals(millisOfCell(answer) < 1_000 ? "closed" : "open", router.breaker("1"));

      assertEquals(504, quick.sendExactly(request).answer().status());
      assertEquals("open", router.breaker("1"), "it had its time now");
    }
  }

  @Test
  void aCellIsNotToBlameForTimeThatTheWaitForAPlaceTook() throws Exception {
    Map<String, String> settings =
        Map.of(
            "REQUEST_TIMEOUT", "2",
            "CELL_MAX_IN_FLIGHT", "1",
            "CELL_MAX_WAIT", "2",
            "CELL_BREAKER_MIN_REQUESTS", "2");
    try (TestRouter router = TestRouter.start(settings);
        Wire first = Wire.connect(router.port());
        Wire second = Wire.connect(router.port())) {
      assertEquals(200, router.http().route("{\"cellID\":\"2\"}").statusCode());
      router.cell("1").faults(Faults.NONE.with("latency", "1500"));
      first.send(Edge.route(TO_ONE));
      Eventually.isTrue(() -> router.cell("1").received().size() == 1);
      router.cell("1").faults(Faults.NONE.with("stall", "headers"));
      Wire.Answer answer = second.send(Edge.route(TO_ONE)).answer();

      assertEquals(200, first.answer().status());
      assertEquals(504, answer.status());
      assertEquals("1", answer.header("X-Cell-Attempts"), "the cell was asked");
      assertEquals(millisOfCell(answer) < 1_000 ? "closed" : "open", router.breaker("1"));
    }
  }

  /** Half a second, unless the machine is so busy that the router saw the request late. */
  private static double millisOfCell(Wire.Answer answer) {
    return Double.parseDouble(answer.header("Server-Timing").replaceAll(".*cell;dur=", ""));
  }
}
