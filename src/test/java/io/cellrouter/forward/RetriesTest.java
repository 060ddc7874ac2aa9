package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent again, where to, and what keeps it in bounds. */
class RetriesTest {
  private static final Duration AMPLE = Duration.ofSeconds(5);

  @Test
  void whatCouldNotConnectGoesToAnotherPlace() throws Exception {
    try (ScriptedCell cell = new ScriptedCell();
        Sender sender = Sender.to(nobody(), cell.url())) {
      int retried = 0;
      for (int i = 0; i < 60; i++) {
        retried += answered(sender.post(AMPLE)).attempts() - 1;
      }
      assertEquals(60, cell.heads().size(), "each reached the cell once");
      assertEquals(5, retried, "after five the place that refuses is left out");
      assertEquals(List.of("success 5"), sender.retries());
      assertEquals(1, sender.client().endpoints().ejections());
      Eventually.isTrue(
          () -> sender.log().contains("gets no requests for 30000 ms after 5 failures in a row"));
      assertIdle(sender);
    }
  }

  @Test
  void aSinglePlaceThatRefusesIsTriedAgainAfterAWait() throws Exception {
    try (Sender sender = Sender.to(nobody())) {
      sender.retry = retry(4, Duration.ofMillis(1));
      assertEquals(4, failed(Reason.CELL_CONNECT_FAILED, sender.post(AMPLE)).attempts());
      assertEquals(List.of("failure 3"), sender.retries());
      assertIdle(sender);
    }
  }

  @Test
  void oneAttemptMeansNone() throws Exception {
    try (Sender sender = Sender.to(nobody())) {
      sender.retry = retry(1, Duration.ofMillis(1));
      assertEquals(1, failed(Reason.CELL_CONNECT_FAILED, sender.post(AMPLE)).attempts());
      assertEquals(List.of(), sender.retries());
    }
  }

  @ParameterizedTest
  @CsvSource({"CLOSE, CELL_CLOSED_CONNECTION", "RESET, CELL_RESET"})
  void aBrokenExchangeIsRepeatedOnlyWhenItMayBe(String fault, Reason reason) throws Exception {
    String wire = fault.equals("CLOSE") ? ScriptedCell.CLOSE : ScriptedCell.RESET;
    for (String method : List.of("GET", "POST", "PUT", "DELETE")) {
      try (ScriptedCell cell = new ScriptedCell(wire, wire);
          Sender sender = Sender.to(cell.url())) {
        failed(reason, sender.send(method, false, AMPLE));
        assertEquals(1, cell.heads().size(), method + " reached the cell twice");
        assertEquals(1, sender.send(method, false, AMPLE).attempts());
        assertEquals(2, cell.heads().size(), method + " reached the cell twice");
        assertEquals(0, sender.budget.asked.get());
      }
      try (ScriptedCell cell = new ScriptedCell(wire);
          Sender sender = Sender.to(cell.url())) {
        assertEquals(2, answered(sender.send(method, true, AMPLE)).attempts());
        assertEquals(2, cell.heads().size());
        assertIdle(sender);
      }
    }
  }

  @Test
  void aReusedConnectionThatIsClosedIsSaidToBeThatWhateverTheMethod() throws Exception {
    for (String method : List.of("GET", "POST")) {
      try (ScriptedCell cell = new ScriptedCell(ScriptedCell.OK, ScriptedCell.CLOSE);
          Sender sender = Sender.to(cell.url())) {
        answered(sender.send(method, false, AMPLE));
        failed(Reason.CELL_CLOSED_CONNECTION, sender.send(method, false, AMPLE));
        assertEquals(2, cell.heads().size(), method);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504, 429})
  void anAnswerIsNeverAReason(int status) throws Exception {
    try (ScriptedCell cell =
            new ScriptedCell("HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n");
        Sender sender = Sender.to(cell.url())) {
      Outcome.Answered outcome = answered(sender.send("GET", true, AMPLE));
      assertEquals(status, outcome.status());
      assertEquals(1, outcome.attempts());
      assertEquals(1, cell.heads().size());
    }
  }

  @Test
  void answersOfFiveHundredEjectNoPlace() throws Exception {
    String error = "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n";
    try (ScriptedCell one =
            new ScriptedCell(error, error, error, error, error, error, error, error, error, error);
        ScriptedCell two = new ScriptedCell();
        Sender sender = Sender.to(one.url(), two.url())) {
      for (int i = 0; i < 30; i++) {
        answered(sender.post(AMPLE));
      }
      assertEquals(0, sender.client().endpoints().ejections());
    }
  }

  @Test
  void nonsenseIsNotAskedForAgainButCountsAgainstThePlace() throws Exception {
    try (ScriptedCell cell = new ScriptedCell("nonsense\r\n\r\n", "nonsense\r\n\r\n");
        ScriptedCell other = new ScriptedCell();
        Sender sender = Sender.to(cell.url(), other.url())) {
      sender.change(new CellPolicy.Ejection(2, AMPLE, AMPLE), cell.url(), other.url());
      for (int i = 0; i < 60; i++) {
        assertEquals(1, sender.send("GET", true, AMPLE).attempts());
      }
      assertEquals(1, sender.client().endpoints().ejections());
    }
  }

  @Test
  void withoutBudgetThereIsNoSecondAttempt() throws Exception {
    try (Sender sender = Sender.to(nobody())) {
      sender.retry = retry(5, Duration.ofMillis(1));
      sender.budget.allowed = 2;
      assertEquals(3, failed(Reason.CELL_CONNECT_FAILED, sender.post(AMPLE)).attempts());
      assertEquals(List.of("budget 1", "failure 2"), sender.retries());
      assertIdle(sender);
    }
  }

  @Test
  void aWaitThatWouldOutlastTheDeadlineIsNotBegun() throws Exception {
    try (Sender sender = Sender.to(nobody())) {
      sender.retry = retry(2, Duration.ofHours(1));
      Outcome outcome = sender.post(Duration.ofMillis(300));
      // One in 12,000 waits would be short enough.
      assertEquals(1, failed(Reason.CELL_CONNECT_FAILED, outcome).attempts());
      assertTrue(outcome.upstreamNanos() < Duration.ofMillis(250).toNanos(), "it did not wait");
      assertEquals(0, sender.budget.asked.get());
    }
  }

  @Test
  void aCellThatWasClosedDuringTheWaitIsNotAskedAgain() throws Exception {
    try (ScriptedCell cell = new ScriptedCell(ScriptedCell.CLOSE, ScriptedCell.CLOSE);
        Sender sender = Sender.to(cell.url())) {
      sender.retry = retry(5, Duration.ofMillis(1));
      sender.open = () -> cell.heads().size() < 2;
      Outcome outcome = sender.send("GET", true, AMPLE);
      assertEquals(2, failed(Reason.CELL_CLOSED_CONNECTION, outcome).attempts());
      assertEquals(2, cell.heads().size());
      assertEquals(List.of("failure 1"), sender.retries());
      assertIdle(sender);
    }
  }

  @Test
  void aCellThatIsDisabledGetsNoRetryOfARequestFromBefore() throws Exception {
    Map<String, String> settings =
        Map.of(
            "CELL_RETRY_ATTEMPTS", "5",
            "CELL_RETRY_BASE", "1",
            "ADMIN_KEYS_JSON", "{\"admin-key\":\"alice\"}");
    try (TestRouter router = TestRouter.start(settings)) {
      router.cell("1").faults(Faults.NONE.with("reset-rate", "1"));
      CompletableFuture<HttpResponse<String>> answer =
          CompletableFuture.supplyAsync(
              () -> router.http().route("{\"cellID\":\"1\",\"method\":\"GET\"}"));
      Eventually.isTrue(() -> !router.received().isEmpty());
      String disable =
          "{\"cellID\":\"1\",\"state\":\"disabled\",\"expires_in\":600,\"reason\":\"fire\"}";
      assertEquals(
          200, router.management().post("/cells", disable, "X-API-Key", "admin-key").statusCode());
      int asked = router.received().size() + 1; // One may be on its way.

      assertEquals(502, answer.get(20, TimeUnit.SECONDS).statusCode());
      assertTrue(router.received().size() <= asked, router.received().size() + " > " + asked);
    }
  }

  @Test
  void anInterruptDuringTheWaitGivesTheBudgetBack() throws Exception {
    try (Sender sender = Sender.to(nobody())) {
      sender.retry = retry(2, Duration.ofHours(1));
      Thread waiting =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      sender.post(Duration.ofHours(3));
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  });
      Eventually.isTrue(() -> sender.budget.underWay.get() == 1);
      waiting.interrupt();
      waiting.join();
      assertIdle(sender);
    }
  }

  @Test
  void theWaitIsAnyPartOfATimeThatDoubles() {
    Backoff backoff = new Backoff(new Random(3));
    Duration base = Duration.ofMillis(25);
    for (int retry = 1; retry <= 4; retry++) {
      long most = base.toNanos() << (retry - 1);
      double sum = 0;
      for (int i = 0; i < 10_000; i++) {
        long nanos = backoff.nanos(base, retry);
        assertTrue(nanos >= 0 && nanos <= most, retry + ": " + nanos);
        sum += nanos;
      }
      assertEquals(0.5, sum / 10_000 / most, 0.02, "full jitter: half of it on average");
    }
    assertEquals(0, backoff.nanos(Duration.ZERO, 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST", "PUT", "PATCH", "DELETE"})
  void theMethodIsThatOfTheRequestAndAGetHasNoBody(String method) throws Exception {
    try (ScriptedCell cell = new ScriptedCell();
        Sender sender = Sender.to(cell.url())) {
      answered(sender.send(method, false, AMPLE));

      boolean get = method.equals("GET");
      assertEquals(method + " /api HTTP/1.1", cell.heads().getFirst().getFirst());
      assertEquals(List.of(get ? "" : "{\"a\":1}"), cell.bodies());
      assertEquals(List.of(get ? "" : "application/json"), cell.values("content-type"));
      assertEquals(List.of(get ? "" : "7"), cell.values("content-length"));
    }
  }

  /** Over many deadlines: never more than the client gave, and never nothing. */
  @Test
  void theCellIsToldWhatIsLeftAndNeverMore() throws Exception {
    Random chance = new Random(5);
    try (ScriptedCell cell = new ScriptedCell();
        Sender sender = Sender.to(cell.url())) {
      for (int i = 0; i < 300; i++) {
        Duration given = Duration.ofNanos(1 + (long) Math.pow(10, 5 + chance.nextDouble() * 6));
        int before = cell.heads().size();
        Outcome outcome = sender.post(given);
        if (cell.heads().size() == before) {
          // Under a millisecond, or given up before it was sent.
          failed(Reason.DEADLINE_EXCEEDED, outcome);
          continue;
        }
        String told = cell.values("x-request-timeout").getLast();
        assertTrue(told.matches("\\d+\\.\\d{3}"), told);
        BigDecimal nanos = new BigDecimal(told).movePointRight(9);
        assertTrue(nanos.signum() > 0, told);
        assertTrue(
            nanos.compareTo(BigDecimal.valueOf(given.toNanos())) <= 0, told + " of " + given);
      }
      assertTrue(cell.heads().size() > 100, "too few were sent to tell");
    }
  }

  /** Less by all that has passed: what the cell took to fail, and the wait after it. */
  @Test
  void aLaterAttemptIsToldLess() throws Exception {
    try (ScriptedCell cell =
            new ScriptedCell(
                ScriptedCell.SLOW_CLOSE, ScriptedCell.SLOW_CLOSE, ScriptedCell.SLOW_CLOSE);
        Sender sender = Sender.to(cell.url())) {
      sender.retry = retry(4, Duration.ofMillis(20));
      answered(sender.send("PUT", true, AMPLE));
      List<Long> told =
          cell.values("x-request-timeout").stream()
              .map(value -> new BigDecimal(value).movePointRight(3).longValueExact())
              .toList();
      assertEquals(4, told.size());
      assertTrue(told.getFirst() <= AMPLE.toMillis(), told.toString());
      for (int i = 1; i < told.size(); i++) {
        long passed = told.get(i - 1) - told.get(i);
        assertTrue(passed >= ScriptedCell.SLOW.toMillis(), told.toString());
      }
    }
  }

  @Test
  void lessThanAMillisecondIsNotSent() throws Exception {
    try (ScriptedCell cell = new ScriptedCell();
        Sender sender = Sender.to(cell.url())) {
      Outcome outcome = sender.post(Duration.ofNanos(999_999));
      assertEquals(0, failed(Reason.DEADLINE_EXCEEDED, outcome).attempts());
      assertEquals(List.of(), cell.heads());
    }
  }

  @Test
  void aDeadlineTooShortToBeFairIsNotThePlacesFault() throws Exception {
    String[] silence = {
      ScriptedCell.SILENCE, ScriptedCell.SILENCE, ScriptedCell.SILENCE, ScriptedCell.SILENCE
    };
    try (ScriptedCell one = new ScriptedCell(silence);
        ScriptedCell two = new ScriptedCell(silence);
        Sender sender = Sender.with(Map.of("REQUEST_TIMEOUT", "0.2"), one.url(), two.url())) {
      sender.change(new CellPolicy.Ejection(1, AMPLE, AMPLE), one.url(), two.url());
      failed(Reason.DEADLINE_EXCEEDED, sender.post(Duration.ofMillis(30)));
      failed(Reason.DEADLINE_EXCEEDED, sender.post(Duration.ofMillis(30)));
      assertEquals(0, sender.client().endpoints().ejections());
      failed(Reason.DEADLINE_EXCEEDED, sender.post(Duration.ofMillis(200)));
      assertEquals(1, sender.client().endpoints().ejections());
    }
  }

  private static CellPolicy.Retry retry(int attempts, Duration base) {
    return new CellPolicy.Retry(attempts, false, base, 0.2, 3);
  }

  private static Outcome.Answered answered(Outcome outcome) {
    return assertInstanceOf(Outcome.Answered.class, outcome);
  }

  private static Outcome.Failed failed(Reason reason, Outcome outcome) {
    Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, outcome);
    assertEquals(reason, failed.reason(), failed.detail());
    return failed;
  }

  private static void assertIdle(Sender sender) {
    assertEquals(0, sender.budget.underWay.get(), "the budget has all back");
    assertTrue(sender.client().endpoints().list().stream().allMatch(each -> each.inFlight() == 0));
  }

  /** Where nobody listens. */
  private static String nobody() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "http://127.0.0.1:" + free.getLocalPort();
    }
  }
}
