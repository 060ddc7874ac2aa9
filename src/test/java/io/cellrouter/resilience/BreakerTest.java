package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.resilience.Breaker.State;
import io.cellrouter.support.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private static final long FAST = 1_000_000;
  private static final long SLOW = 200_000_000;

  private final FakeClock clock = new FakeClock();
  private final List<State> changes = new ArrayList<>();
  private final CellPolicy.Breaker policy = Policies.breaker();
  private double random = 0.5;
  private final Breaker breaker = new Breaker(clock, () -> random, (from, to) -> changes.add(to));

  @Test
  void staysClosedBelowTheLeastNumberOfRequests() {
    fail(3);
    assertEquals(State.CLOSED, breaker.state());
    fail(1);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void opensAtTheFailureRateAndNotBelow() {
    succeed(5);
    fail(4);
    assertEquals(State.CLOSED, breaker.state());
    fail(1);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void aSuccessNeverOpens() {
    fail(3);
    succeed(1); // Three of four have failed now.
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void opensAtTheRateOfSlowAnswers() {
    succeed(1);
    slow(2);
    assertEquals(State.CLOSED, breaker.state());
    slow(1);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void failuresLeaveTheWindow() {
    fail(3);
    clock.advance(Duration.ofSeconds(10));
    fail(1);
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void failuresWithinTheWindowCountTogether() {
    fail(3);
    clock.advance(Duration.ofMillis(8_999));
    fail(1);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void refusesWithWhatIsLeftOfTheOpenTime() {
    fail(4);
    assertEquals(-1_000_000_000L, breaker.enter(policy));
    clock.advance(Duration.ofMillis(400));
    assertEquals(-600_000_000L, breaker.enter(policy));
    assertEquals(-600_000_000L, breaker.look(policy));
  }

  @Test
  void theOpenTimeIsJitteredByTwentyPercentEitherWay() {
    random = 0;
    fail(4);
    assertEquals(-800_000_000L, breaker.enter(policy));
    clock.advance(Duration.ofMillis(800));
    random = 1;
    fail(1);
    assertEquals(-2_400_000_000L, breaker.enter(policy), "the second time in a row");
  }

  @Test
  void lookingTakesNoTrial() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 5; i++) {
      assertEquals(0, breaker.look(policy));
    }
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void letsAsManyTrialsThroughAsConfiguredAndClosesWhenAllSucceeded() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    long first = admitted();
    long second = admitted();
    assertEquals(State.HALF_OPEN, breaker.state());
    assertTrue(breaker.enter(policy) < 0, "a third trial");
    assertTrue(breaker.look(policy) < 0);
    breaker.told(first, policy, false, FAST);
    assertTrue(breaker.enter(policy) < 0, "one has succeeded, one is under way: that is all");
    breaker.told(second, policy, false, FAST);
    assertEquals(State.CLOSED, breaker.state());
    assertEquals(List.of(State.OPEN, State.HALF_OPEN, State.CLOSED), changes);
    assertEquals(1, breaker.transitions(State.CLOSED));
  }

  @Test
  void oneFailedTrialReopensForTwiceTheTimeAndTheOthersNoLongerCount() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    long first = admitted();
    long second = admitted();
    breaker.told(first, policy, true, FAST);
    assertEquals(-2_000_000_000L, breaker.enter(policy));
    breaker.told(second, policy, false, FAST);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void aSlowTrialReopens() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    slow(1);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void aTrialThatIsNeverToldMakesRoomForAnother() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    breaker.untold(admitted());
    admitted();
    breaker.untold(admitted());
    admitted();
    assertTrue(breaker.enter(policy) < 0);
  }

  @Test
  void trialsThatHangMakeRoomForOthersAfterTheOpenTime() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    admitted();
    clock.advance(Duration.ofMillis(1));
    admitted();
    clock.advance(Duration.ofMillis(998));
    assertTrue(breaker.enter(policy) < 0, "the older one has been under way for 999 ms");
    assertTrue(breaker.look(policy) < 0);
    clock.advance(Duration.ofMillis(1));
    assertEquals(0, breaker.look(policy));
    succeed(1);
    assertTrue(breaker.enter(policy) < 0, "one has succeeded, the younger one is under way");
    clock.advance(Duration.ofMillis(1));
    succeed(1);
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void aTrialGivesItsPlaceBackOnce() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    long hangs = admitted();
    long alsoHangs = admitted();
    clock.advance(Duration.ofSeconds(1));
    admitted();
    admitted();
    breaker.untold(hangs);
    assertTrue(breaker.enter(policy) < 0, "its place had been given to another");
    breaker.told(alsoHangs, policy, false, FAST);
    assertTrue(breaker.enter(policy) < 0, "one has succeeded, two are under way");
  }

  @Test
  void whatComesOfALateTrialCounts() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    long first = admitted();
    long second = admitted();
    clock.advance(Duration.ofSeconds(30));
    breaker.told(first, policy, false, FAST);
    breaker.told(second, policy, false, FAST);
    assertEquals(State.CLOSED, breaker.state(), "a cell that takes long for everything");
    fail(4);
    clock.advance(Duration.ofSeconds(2));
    long hangs = admitted();
    clock.advance(Duration.ofSeconds(30));
    admitted();
    breaker.told(hangs, policy, true, FAST);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void whatComesOfALateTrialIsForgottenOnceOthersHaveClosedIt() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    long hangs = admitted();
    clock.advance(Duration.ofSeconds(1));
    succeed(2);
    assertEquals(State.CLOSED, breaker.state());
    breaker.told(hangs, policy, true, FAST);
    fail(3);
    assertEquals(State.CLOSED, breaker.state(), "three failures, with the late one four");
  }

  @Test
  void doublingEndsAtTheLongestTime() {
    fail(4);
    for (int seconds : new int[] {1, 2, 4, 5, 5}) {
      assertEquals(-seconds * 1_000_000_000L, breaker.enter(policy));
      clock.advance(Duration.ofSeconds(seconds));
      fail(1);
    }
  }

  @Test
  void theRowEndsOnceItHasBeenClosedForAWholeWindow() {
    openAndClose();
    clock.advance(Duration.ofSeconds(9));
    fail(4);
    assertEquals(-2_000_000_000L, breaker.enter(policy), "closed for nine seconds only");
    clock.advance(Duration.ofSeconds(2));
    succeed(2);
    clock.advance(Duration.ofSeconds(10));
    fail(4);
    assertEquals(-1_000_000_000L, breaker.enter(policy));
  }

  @Test
  void outcomesOfRequestsAdmittedBeforeItOpenedDisturbNothing() {
    long early = admitted();
    long alsoEarly = admitted();
    fail(4);
    breaker.told(early, policy, false, FAST);
    clock.advance(Duration.ofSeconds(1));
    long trial = admitted();
    breaker.told(alsoEarly, policy, true, FAST);
    breaker.untold(alsoEarly);
    assertEquals(State.HALF_OPEN, breaker.state());
    breaker.told(trial, policy, false, FAST);
    assertEquals(State.HALF_OPEN, breaker.state(), "the early ones are no trials");
    succeed(1);
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void switchedOffItAdmitsEverythingAndCloses() {
    fail(4);
    CellPolicy.Breaker off = off();
    assertEquals(0, breaker.look(off));
    long ticket = breaker.enter(off);
    assertTrue(ticket >= 0);
    assertEquals(State.CLOSED, breaker.state());
    for (int i = 0; i < 20; i++) {
      breaker.told(breaker.enter(off), off, true, FAST);
    }
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void aWindowOfAnotherLengthGoesOnWithWhatWasCounted() {
    fail(3);
    CellPolicy.Breaker longer = window(Duration.ofSeconds(20));
    breaker.told(breaker.enter(longer), longer, true, FAST);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void requestsFromBeforeAReloadDoNotEmptyTheWindow() {
    long old = admitted();
    CellPolicy.Breaker longer = window(Duration.ofSeconds(20));
    long young = breaker.enter(longer);
    long oldToo = admitted();
    long youngToo = breaker.enter(longer);
    breaker.told(old, policy, true, FAST);
    breaker.told(young, longer, true, FAST);
    breaker.told(oldToo, policy, true, FAST);
    breaker.told(youngToo, longer, true, FAST);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void forgettingVoidsWhatIsCountedAndWhatIsUnderWay() {
    fail(3);
    long before = admitted();
    breaker.forget();
    breaker.told(before, policy, true, FAST);
    fail(3);
    assertEquals(State.CLOSED, breaker.state());
    fail(1);
    assertEquals(State.OPEN, breaker.state());
    breaker.forget();
    assertEquals(State.CLOSED, breaker.state());
  }

  private void openAndClose() {
    fail(4);
    clock.advance(Duration.ofSeconds(1));
    succeed(2);
    assertEquals(State.CLOSED, breaker.state());
  }

  private long admitted() {
    long ticket = breaker.enter(policy);
    assertTrue(ticket >= 0, "refused");
    return ticket;
  }

  private void fail(int times) {
    tell(times, true, FAST);
  }

  private void succeed(int times) {
    tell(times, false, FAST);
  }

  private void slow(int times) {
    tell(times, false, SLOW);
  }

  private void tell(int times, boolean failed, long nanos) {
    for (int i = 0; i < times; i++) {
      breaker.told(admitted(), policy, failed, nanos);
    }
  }

  private CellPolicy.Breaker off() {
    return new CellPolicy.Breaker(
        false,
        policy.window(),
        policy.minRequests(),
        policy.failureRate(),
        policy.failureStatuses(),
        policy.slowAfter(),
        policy.slowRate(),
        policy.open(),
        policy.openMost(),
        policy.trials());
  }

  private CellPolicy.Breaker window(Duration window) {
    return new CellPolicy.Breaker(
        true,
        window,
        policy.minRequests(),
        policy.failureRate(),
        policy.failureStatuses(),
        policy.slowAfter(),
        policy.slowRate(),
        policy.open(),
        policy.openMost(),
        policy.trials());
  }
}
