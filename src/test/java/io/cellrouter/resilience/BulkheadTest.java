package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.support.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20) // Shorter than a wait: who waits has to be woken, not to wake up.
class BulkheadTest {
  private static final Caller ANYBODY = new Caller("a", "a", false);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Bulkhead bulkhead = new Bulkhead(System::nanoTime, () -> 0.5);

  @Test
  void admitsUpToTheLimitAndAgainAfterSomebodyLeft() {
    CellPolicy.Bulkhead two = Policies.bulkhead(2);
    assertTrue(bulkhead.enter(two, ANYBODY));
    assertTrue(bulkhead.enter(two, ANYBODY));
    assertFalse(bulkhead.enter(two, ANYBODY));
    bulkhead.leave();
    assertTrue(bulkhead.enter(two, ANYBODY));
    assertEquals(2, bulkhead.inFlight());
  }

  @Test
  void aLoweredLimitLetsThoseInFlightFinish() {
    for (int i = 0; i < 4; i++) {
      assertTrue(bulkhead.enter(Policies.bulkhead(4), ANYBODY));
    }
    bulkhead.leave();
    assertFalse(bulkhead.enter(Policies.bulkhead(2), ANYBODY));
    bulkhead.leave();
    bulkhead.leave();
    assertTrue(bulkhead.enter(Policies.bulkhead(2), ANYBODY));
  }

  @Test
  void whoWaitsGetsThePlaceOfWhoLeaves() {
    CellPolicy.Bulkhead one = Policies.bulkhead(1, LONG);
    bulkhead.enter(one, ANYBODY);
    CompletableFuture<Boolean> waiter = entering(one, ANYBODY);
    Eventually.isTrue(() -> bulkhead.waiting() == 1);
    bulkhead.leave();
    assertTrue(waiter.join());
    assertEquals(1, bulkhead.inFlight());
    assertEquals(0, bulkhead.waiting());
  }

  @Test
  void noMoreWaitThanMayBeInFlight() {
    CellPolicy.Bulkhead one = Policies.bulkhead(1, LONG);
    bulkhead.enter(one, ANYBODY);
    CompletableFuture<Boolean> waiter = entering(one, ANYBODY);
    Eventually.isTrue(() -> bulkhead.waiting() == 1);
    assertFalse(bulkhead.enter(one, ANYBODY), "would have to wait for 30 s");
    bulkhead.leave();
    assertTrue(waiter.join());
  }

  @Test
  void waitingEndsWithoutAPlace() {
    CellPolicy.Bulkhead one = Policies.bulkhead(1, Duration.ofMillis(20));
    bulkhead.enter(one, ANYBODY);
    assertFalse(bulkhead.enter(one, ANYBODY));
    assertEquals(0, bulkhead.waiting());
  }

  @Test
  void waitingEndsWithTheRequestsDeadline() {
    CellPolicy.Bulkhead one = Policies.bulkhead(1, LONG);
    bulkhead.enter(one, ANYBODY);
    assertFalse(bulkhead.enter(one, new Caller("a", "a", false, System.nanoTime() + 20_000_000)));
    assertFalse(bulkhead.enter(one, new Caller("a", "a", false, System.nanoTime() - 1)));
  }

  @Test
  void anInterruptedWaiterGetsNoPlaceAndStaysInterrupted() throws Exception {
    CellPolicy.Bulkhead one = Policies.bulkhead(1, LONG);
    bulkhead.enter(one, ANYBODY);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiter =
        Thread.startVirtualThread(
            () ->
                interrupted.complete(
                    !bulkhead.enter(one, ANYBODY) && Thread.currentThread().isInterrupted()));
    Eventually.isTrue(() -> bulkhead.waiting() == 1);
    waiter.interrupt();
    assertTrue(interrupted.join());
    bulkhead.leave();
    assertEquals(0, bulkhead.inFlight());
  }

  @Test
  void underAStormTheLimitHoldsAndNothingIsLost() throws Exception {
    CellPolicy.Bulkhead five = Policies.bulkhead(5, LONG);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger admitted = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int turn = 0; turn < 100; turn++) {
                  if (bulkhead.enter(five, ANYBODY)) {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    admitted.incrementAndGet();
                    if (ThreadLocalRandom.current().nextInt(4) == 0) {
                      LockSupport.parkNanos(1_000);
                    }
                    inside.decrementAndGet();
                    bulkhead.leave();
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(0, bulkhead.inFlight());
    assertEquals(0, bulkhead.waiting());
    assertTrue(most.get() <= 5, "there were " + most);
    assertTrue(admitted.get() > 100, "admitted " + admitted);
  }

  private CompletableFuture<Boolean> entering(CellPolicy.Bulkhead policy, Caller caller) {
    CompletableFuture<Boolean> entered = new CompletableFuture<>();
    Thread.startVirtualThread(() -> entered.complete(bulkhead.enter(policy, caller)));
    return entered;
  }
}
