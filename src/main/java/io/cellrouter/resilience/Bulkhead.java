package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How many requests may be in flight to one cell. A hanging cell holds on to as many threads,
 * connections and bodies as this allows, and to no more.
 *
 * <p>A request that finds it full is refused, or, when the policy has a {@code maxWait}, waits for
 * that long at most; no more requests wait than may be in flight. Who waits is woken by who leaves
 * but has no right of way: one that comes in that moment may be faster.
 *
 * <p>The limit may change at any time; those in flight above a lowered one finish. Entering and
 * leaving are one atomic operation each, unless somebody waits.
 */
public final class Bulkhead {
  private final AtomicInteger inFlight;
  private final GradientLimit gradient;

  private final ReentrantLock lock;
  private final Condition left;
  private final AtomicInteger waiting;

  /**
   * @param random from 0 to 1
   */
  Bulkhead(LongSupplier clock, DoubleSupplier random) {
    this.inFlight = new AtomicInteger();
    this.gradient = new GradientLimit(clock, random);
    this.lock = new ReentrantLock();
    this.left = lock.newCondition();
    this.waiting = new AtomicInteger();
  }

  private Bulkhead(Bulkhead before, GradientLimit gradient) {
    this.inFlight = before.inFlight;
    this.gradient = gradient;
    this.lock = before.lock;
    this.left = before.left;
    this.waiting = before.waiting;
  }

  /** The same places, for other addresses, of whose latency nothing is known yet. */
  Bulkhead elsewhere(LongSupplier clock, DoubleSupplier random) {
    return new Bulkhead(this, new GradientLimit(clock, random));
  }

  /**
   * Takes a place, at once or within the policy's wait; {@link #leave} has to follow a success.
   *
   * @param patience who may cut the wait short
   */
  boolean enter(CellPolicy.Bulkhead policy, Caller patience) {
    if (tryEnter(limit(policy))) {
      return true;
    }
    return !policy.maxWait().isZero()
        && await(() -> limit(policy), patience.atMost(policy.maxWait().toNanos()));
  }

  private boolean tryEnter(int limit) {
    int now = inFlight.get();
    while (now < limit) {
      int seen = inFlight.compareAndExchange(now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  private boolean await(IntSupplier limit, long nanos) {
    lock.lock();
    try {
      if (waiting.get() >= limit.getAsInt()) {
        return false;
      }
      // Before the next look at the places: who leaves after that look sees somebody waiting.
      waiting.incrementAndGet();
      try {
        long remaining = nanos;
        while (!tryEnter(limit.getAsInt())) {
          if (remaining <= 0) {
            return false;
          }
          remaining = left.awaitNanos(remaining);
        }
        left.signal(); // The limit may have risen by more than one.
        return true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        left.signal(); // This may have been the one that was woken for a free place.
        return false;
      } finally {
        waiting.decrementAndGet();
      }
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    inFlight.decrementAndGet();
    if (waiting.get() > 0) {
      lock.lock();
      try {
        left.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Lets the adaptive limit learn from an exchange that has just ended and not left yet.
   *
   * @param nanos how long the cell took
   */
  void learn(CellPolicy.Bulkhead policy, long nanos, boolean answered) {
    if (policy.adaptive()) {
      gradient.sample(policy, nanos, inFlight.get(), answered);
    }
  }

  /** Requests that may be in flight now. */
  public int limit(CellPolicy.Bulkhead policy) {
    return policy.adaptive() ? gradient.limit(policy) : policy.most();
  }

  public int inFlight() {
    return inFlight.get();
  }

  int waiting() {
    return waiting.get();
  }
}
