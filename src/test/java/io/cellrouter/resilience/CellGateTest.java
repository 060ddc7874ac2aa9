package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellConfig.CellState;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.config.CellPolicy.Rate;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.FakeClock;
import io.cellrouter.telemetry.Reason;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class CellGateTest {
  private static final CellPolicy PLAIN = CellPolicy.defaults();
  private static final Caller WRITER = new Caller("acme", "acme", false);
  private static final Caller READER = new Caller("acme", "acme", true);

  private final FakeClock clock = new FakeClock();
  private final CellGate gate = new CellGate(clock, () -> 0.5, () -> 1, (from, to) -> {});

  @Test
  void aCellsStateDecidesWhichRequestsAreAdmitted() {
    assertAdmitted(Policies.cell(CellState.ACTIVE, 100, PLAIN), WRITER);
    assertAdmitted(Policies.cell(CellState.READ_ONLY, 100, PLAIN), READER);
    assertRefused(Reason.CELL_READ_ONLY, Policies.cell(CellState.READ_ONLY, 100, PLAIN), WRITER);
    assertRefused(Reason.CELL_DRAINING, Policies.cell(CellState.DRAINING, 100, PLAIN), READER);
    assertRefused(Reason.CELL_DISABLED, Policies.cell(CellState.DISABLED, 100, PLAIN), READER);
  }

  @Test
  void onlyTheShareOfTheClientsIsAdmitted() {
    assertRefused(Reason.CELL_SHARE, Policies.cell(CellState.ACTIVE, 0, PLAIN), WRITER);
    for (int i = 0; i < 100; i++) {
      Caller caller = new Caller("anonymous", "10.0.0." + i, false);
      Cell cell = Policies.cell(CellState.ACTIVE, 40, PLAIN);
      if (Share.admits(40, "1", caller.sticky())) {
        assertAdmitted(cell, caller);
      } else {
        assertRefused(Reason.CELL_SHARE, cell, caller);
      }
    }
  }

  @Test
  void aPermitStandsUntilTheBreakerOpensAndAgainOnceItIsClosed() {
    Cell cell = Policies.cell(Policies.of(Policies.breaker()));
    Admission.Permit before = admitted(cell, WRITER);
    assertTrue(before.stands());
    for (int i = 0; i < 4; i++) {
      Admission.Permit failing = admitted(cell, WRITER);
      failing.failed(1);
      failing.close();
    }
    assertFalse(before.stands(), "open");
    clock.advance(Duration.ofSeconds(2));
    assertFalse(before.stands(), "the open time is over, but it is no trial");
    Admission.Permit trial = admitted(cell, WRITER);
    Admission.Permit other = admitted(cell, WRITER);
    assertRefused(Reason.BREAKER_OPEN, cell, WRITER);
    assertTrue(trial.stands(), "its retry is part of the trial");
    assertFalse(before.stands(), "half open");
    trial.answered(200, 1);
    other.answered(200, 1);
    assertTrue(before.stands(), "closed");
    before.close();
    assertFalse(before.stands());
  }

  @Test
  void theBulkheadBoundsWhatIsInFlightUntilPermitsAreClosed() {
    Cell cell = Policies.cell(Policies.of(Policies.bulkhead(2)));
    Admission.Permit first = admitted(cell, WRITER);
    admitted(cell, WRITER);
    assertRefused(Reason.BULKHEAD_FULL, cell, WRITER);
    first.close();
    first.close();
    admitted(cell, WRITER);
    assertRefused(Reason.BULKHEAD_FULL, cell, WRITER);
    assertEquals(2, gate.inFlight());
    assertEquals(2, gate.limit(cell));
  }

  @Test
  void whatBecameOfTheExchangesOpensTheBreaker() {
    Cell cell = Policies.cell(Policies.of(Policies.breaker()));
    for (int i = 0; i < 2; i++) {
      answer(cell, 503);
      fail(cell);
    }
    Admission.Refused refused = assertRefused(Reason.BREAKER_OPEN, cell, WRITER);
    assertEquals(Duration.ofSeconds(1), refused.retryAfter());
    assertEquals(Breaker.State.OPEN, gate.breakerState());
    assertEquals(1, gate.transitions(Breaker.State.OPEN));
  }

  @Test
  void whoWaitsForAPlaceIsHeldByTheCellToo() throws Exception {
    Cell cell =
        Policies.cell(Policies.of(new CellPolicy.Bulkhead(1, Duration.ofSeconds(60), false, 1)));
    Admission.Permit first = admitted(cell, WRITER);
    assertEquals(1, gate.held());
    Thread waiter = Thread.startVirtualThread(() -> admitted(cell, WRITER).close());
    Eventually.isTrue(() -> gate.held() == 2);
    assertEquals(1, gate.inFlight());
    first.close();
    waiter.join();
    assertEquals(0, gate.held());
  }

  @Test
  void clientErrorsAndUntoldExchangesAreNoFailures() {
    Cell cell = Policies.cell(Policies.of(Policies.breaker()));
    for (int i = 0; i < 50; i++) {
      answer(cell, 404);
      admitted(cell, WRITER).close();
    }
    for (int i = 0; i < 49; i++) {
      answer(cell, 500);
    }
    assertEquals(Breaker.State.CLOSED, gate.breakerState());
    answer(cell, 500);
    assertEquals(Breaker.State.OPEN, gate.breakerState());
  }

  @Test
  void onlyTheFirstThingToldCounts() {
    Cell cell = Policies.cell(Policies.of(Policies.breaker()));
    for (int i = 0; i < 10; i++) {
      try (Admission.Permit permit = admitted(cell, WRITER)) {
        permit.answered(200, 1);
        permit.failed(1);
      }
    }
    assertEquals(Breaker.State.CLOSED, gate.breakerState());
  }

  @Test
  void aTrialThatTheBulkheadRefusesIsGivenBack() {
    CellPolicy policy = Policies.of(Policies.breaker());
    Cell cell = Policies.cell(policy);
    Admission.Permit hanging = admitted(cell, WRITER);
    for (int i = 0; i < 4; i++) {
      fail(cell);
    }
    clock.advance(Duration.ofSeconds(1));
    Cell full = Policies.cell(with(Policies.bulkhead(1), policy.breaker()));
    for (int i = 0; i < 5; i++) {
      assertRefused(Reason.BULKHEAD_FULL, full, WRITER);
    }
    hanging.close();
    answer(full, 200);
    answer(full, 200);
    assertEquals(Breaker.State.CLOSED, gate.breakerState());
  }

  @Test
  void ratesRefuseByNameWithTheTimeUntilTheNextToken() {
    Cell cell = Policies.cell(Policies.rates(PLAIN, new Rate(0.5, 2), new Rate(0.25, 1)));
    assertAdmitted(cell, WRITER);
    Admission.Refused client = assertRefused(Reason.RATE_LIMIT_CLIENT_CELL, cell, WRITER);
    assertEquals(Duration.ofSeconds(4), client.retryAfter());
    assertEquals(new RateLimit("client-cell", 0.25, 1, 0, 4), client.limit());
    assertAdmitted(cell, new Caller("other", "other", false));
    Admission.Refused all =
        assertRefused(Reason.RATE_LIMIT_CELL, cell, new Caller("third", "third", false));
    assertEquals(Duration.ofSeconds(2), all.retryAfter());
    assertEquals("cell", all.limit().name());
  }

  @Test
  void theTightestRateIsToldToWhoIsAdmitted() {
    assertNull(admission(Policies.cell(PLAIN)).limit());
    Rate loose = new Rate(100, 100);
    Rate tight = new Rate(10, 10);
    assertEquals(
        "cell", admission(Policies.cell(Policies.rates(PLAIN, tight, loose))).limit().name());
    assertEquals(
        "client-cell",
        admission(Policies.cell(Policies.rates(PLAIN, loose, new Rate(5, 5)))).limit().name());
  }

  @Test
  void requestsThatBreakerOrBulkheadRefuseCostNoToken() {
    CellPolicy policy =
        Policies.rates(Policies.of(Policies.bulkhead(1)), new Rate(1, 2), new Rate(1, 2));
    Cell cell = Policies.cell(policy);
    Admission.Permit held = admitted(cell, WRITER);
    for (int i = 0; i < 10; i++) {
      assertRefused(Reason.BULKHEAD_FULL, cell, WRITER);
    }
    held.close();
    assertAdmitted(cell, WRITER);
    assertRefused(Reason.RATE_LIMIT_CLIENT_CELL, cell, WRITER);
    assertEquals(0, gate.inFlight());
  }

  /** Stands for the race of two requests for one token: it is seen and then is no longer there. */
  @Test
  void whoComesTooLateForTheLastTokenGivesPlaceAndTrialBack() {
    Deque<Integer> sharers = new ArrayDeque<>();
    CellGate raced =
        new CellGate(
            clock, () -> 0.5, () -> sharers.isEmpty() ? 1 : sharers.remove(), (from, to) -> {});
    CellPolicy breaker = Policies.of(Policies.breaker());
    fail(raced, Policies.cell(breaker), 4);
    clock.advance(Duration.ofSeconds(1));
    Cell cell = Policies.cell(Policies.rates(breaker, new Rate(0.5, 2), Rate.UNLIMITED));
    Admission.Permit trial =
        assertInstanceOf(Admission.Admitted.class, raced.admit(cell, WRITER)).permit();
    for (int i = 0; i < 5; i++) {
      sharers.addAll(List.of(1, 2)); // One replica when it looks, two when it takes.
      Admission.Refused refused =
          assertInstanceOf(Admission.Refused.class, raced.admit(cell, WRITER));
      assertEquals(Reason.RATE_LIMIT_CELL, refused.reason());
      assertEquals(1, raced.inFlight());
    }
    trial.answered(200, 1);
    trial.close();
    assertInstanceOf(Admission.Admitted.class, raced.admit(Policies.cell(breaker), WRITER));
  }

  @Test
  void underAStormNothingIsLostAndNoBucketGivesMoreThanItHas() throws Exception {
    CellPolicy plain = with(Policies.bulkhead(5), Policies.breaker());
    Cell cell = Policies.cell(Policies.rates(plain, new Rate(0.001, 300), new Rate(0.001, 40)));
    CellGate stormed = new CellGate(System::nanoTime, () -> 0.5, () -> 1, (from, to) -> {});
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger admitted = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Caller caller = new Caller("client-" + i % 10, "", false);
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int turn = 0; turn < 200; turn++) {
                  if (stormed.admit(cell, caller) instanceof Admission.Admitted pass) {
                    try (Admission.Permit permit = pass.permit()) {
                      most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                      admitted.incrementAndGet();
                      permit.answered(200, 1);
                      LockSupport.parkNanos(1_000);
                      inside.decrementAndGet();
                    }
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, stormed.inFlight());
    assertTrue(most.get() <= 5, "in flight were " + most);
    assertTrue(admitted.get() <= 300, "admitted were " + admitted);
    assertTrue(admitted.get() > 5, "admitted were " + admitted);
  }

  @Test
  void whatItWouldSayIsAskedWithoutTakingAnything() {
    Cell cell =
        Policies.cell(
            Policies.rates(
                with(Policies.bulkhead(1), Policies.breaker()), new Rate(1, 1), Rate.UNLIMITED));
    for (int i = 0; i < 5; i++) {
      assertEquals(Optional.empty(), gate.refusal(cell, WRITER));
    }
    Admission.Permit held = admitted(cell, WRITER);
    assertEquals(Reason.RATE_LIMIT_CELL, gate.refusal(cell, WRITER).orElseThrow().reason());
    clock.advance(Duration.ofSeconds(1));
    assertEquals(Reason.BULKHEAD_FULL, gate.refusal(cell, WRITER).orElseThrow().reason());
    held.close();
    assertEquals(
        Reason.CELL_DISABLED,
        gate.refusal(Policies.cell(CellState.DISABLED, 100, PLAIN), WRITER).orElseThrow().reason());
    Cell failing = Policies.cell(Policies.of(Policies.breaker()));
    for (int i = 0; i < 4; i++) {
      fail(failing);
    }
    assertEquals(Reason.BREAKER_OPEN, gate.refusal(failing, WRITER).orElseThrow().reason());
  }

  @Test
  void retriesMayBeAFifthOfWhatIsInFlightAndThreeInAnyCase() {
    CellPolicy.Retry policy = PLAIN.retry();
    assertEquals(3, retriesTaken(policy));
    for (int i = 0; i < 24; i++) {
      admitted(Policies.cell(PLAIN), WRITER);
    }
    assertEquals(1, retriesTaken(policy), "four of 24");
    gate.retries().give();
    assertEquals(1, retriesTaken(policy));
    assertEquals(4, gate.retriesUnderWay());
  }

  @Test
  void aChangedPolicyKeepsWhatWasCounted() {
    Cell before = Policies.cell(Policies.of(Policies.bulkhead(2)));
    admitted(before, WRITER);
    Cell after = Policies.cell(Policies.of(Policies.bulkhead(1)));
    assertRefused(Reason.BULKHEAD_FULL, after, WRITER);
  }

  @Test
  void cellsThatStayKeepTheirGates() {
    CellMap before = map("1", "2");
    CellMap after = map("2", "3");
    CellGates gates = CellGates.of(before);
    CellGates next = gates.next(after);
    assertSame(gates.of(before.find("2").orElseThrow()), next.of(after.find("2").orElseThrow()));
    assertNull(next.of(before.find("1").orElseThrow()));
    assertNotSame(next.of(after.find("2").orElseThrow()), next.of(after.find("3").orElseThrow()));
    assertNull(gates.of(after.find("3").orElseThrow()), "the former view stays as it was");
  }

  /** The usual repair of a dead cell is another address, by reload. */
  @Test
  void aCellThatMovedIsNotHeldToWhatTheOldPlaceDid() {
    CellMap before = map("1", "2");
    CellMap after =
        CellMap.of(
            2,
            List.of(
                CellConfig.of("1", "cell-1", URI.create("http://127.0.0.1:2")),
                CellConfig.of("2", "cell-2", URI.create("http://127.0.0.1:1"))));
    CellGates gates = CellGates.of(before);
    Cell old = before.find("1").orElseThrow();
    CellGate dead = gates.of(old);
    List<Admission.Permit> hanging = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      Admission admission = dead.admit(old, WRITER);
      hanging.add(assertInstanceOf(Admission.Admitted.class, admission).permit());
    }
    fail(dead, old, 20);
    assertEquals(Breaker.State.OPEN, dead.breakerState());

    CellGates next = gates.next(after);
    Cell moved = after.find("1").orElseThrow();
    CellGate alive = next.of(moved);
    assertInstanceOf(Admission.Admitted.class, alive.admit(moved, WRITER)).permit().close();
    assertEquals(30, alive.inFlight(), "what the old place holds is held");
    hanging.forEach(permit -> permit.failed(30_000_000_000L));
    hanging.forEach(Admission.Permit::close);
    assertEquals(Breaker.State.CLOSED, alive.breakerState(), "the failures are the old place's");
    assertEquals(0, alive.inFlight());
    assertSame(gates.of(before.find("2").orElseThrow()), next.of(after.find("2").orElseThrow()));
  }

  @Test
  void anAdaptiveLimitIsLearntAnewWhereTheCellHasMoved() {
    CellGate gate = new CellGate(clock, () -> 0.5, () -> 1, (from, to) -> {});
    Cell cell = Policies.cell(Policies.of(Policies.adaptive(1, 100)));
    int atFirst = gate.limit(cell);
    List<Admission.Permit> hanging = new ArrayList<>();
    for (int i = 0; i < atFirst - 5; i++) {
      Admission admission = gate.admit(cell, WRITER);
      hanging.add(assertInstanceOf(Admission.Admitted.class, admission).permit());
    }
    for (int i = 0; i < 50; i++) {
      Admission admission = gate.admit(cell, WRITER);
      clock.advance(Duration.ofMillis(50));
      try (Admission.Permit permit =
          assertInstanceOf(Admission.Admitted.class, admission).permit()) {
        permit.answered(200, 50_000_000);
      }
    }
    assertNotEquals(atFirst, gate.limit(cell));
    CellGate moved = gate.elsewhere();
    assertEquals(atFirst, moved.limit(cell));
    hanging.forEach(Admission.Permit::close);
    assertEquals(0, moved.inFlight());
  }

  private static CellMap map(String... ids) {
    List<CellConfig> cells = new ArrayList<>();
    for (String id : ids) {
      cells.add(CellConfig.of(id, "cell-" + id, URI.create("http://127.0.0.1:1")));
    }
    return CellMap.of(1, cells);
  }

  private int retriesTaken(CellPolicy.Retry policy) {
    int taken = 0;
    while (gate.retries().tryTake(policy)) {
      taken++;
    }
    return taken;
  }

  private static CellPolicy with(CellPolicy.Bulkhead bulkhead, CellPolicy.Breaker breaker) {
    return new CellPolicy(
        bulkhead, breaker, PLAIN.retry(), PLAIN.ejection(), Rate.UNLIMITED, Rate.UNLIMITED);
  }

  private Admission.Admitted admission(Cell cell) {
    return assertInstanceOf(Admission.Admitted.class, gate.admit(cell, WRITER));
  }

  private Admission.Permit admitted(Cell cell, Caller caller) {
    return assertInstanceOf(Admission.Admitted.class, gate.admit(cell, caller)).permit();
  }

  private void assertAdmitted(Cell cell, Caller caller) {
    int before = gate.inFlight();
    admitted(cell, caller).close();
    assertEquals(before, gate.inFlight());
  }

  private Admission.Refused assertRefused(Reason reason, Cell cell, Caller caller) {
    int before = gate.inFlight();
    Admission.Refused refused = assertInstanceOf(Admission.Refused.class, gate.admit(cell, caller));
    assertEquals(reason, refused.reason());
    assertFalse(refused.retryAfter().isNegative());
    assertTrue(refused.retryAfter().toSeconds() >= 1);
    assertEquals(before, gate.inFlight());
    return refused;
  }

  private void answer(Cell cell, int status) {
    try (Admission.Permit permit = admitted(cell, WRITER)) {
      permit.answered(status, 1_000);
    }
  }

  private static void fail(CellGate gate, Cell cell, int times) {
    for (int i = 0; i < times; i++) {
      try (Admission.Permit permit =
          assertInstanceOf(Admission.Admitted.class, gate.admit(cell, WRITER)).permit()) {
        permit.failed(1);
      }
    }
  }

  private void fail(Cell cell) {
    try (Admission.Permit permit = admitted(cell, WRITER)) {
      permit.failed(1_000);
    }
  }
}
