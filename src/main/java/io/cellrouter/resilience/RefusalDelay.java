package io.cellrouter.resilience;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Holds refusals back for a while, so that a client that asks again at once cannot do so.
 *
 * <p>To refuse costs about half as much CPU as to route, since most of both is reading a request
 * and writing an answer: a router asked for twice what it can do and refusing at once has little
 * left for those it takes on. A connection carries one request at a time, so a client whose refusal
 * is held sends nothing on it meanwhile, and holding costs no CPU.
 *
 * <p>It costs memory: a refusal is held only if it is small, if no more are held than the heap has
 * room for, and for half of the time that the caller still has. All others are told at once.
 */
public final class RefusalDelay {
  /** A larger body would be kept, and the place that it takes among large bodies. */
  private static final int MOST_BYTES = 16 * 1_024;

  private final AtomicInteger held = new AtomicInteger();
  private final long nanos;
  private final int most;
  private final Sleeper sleeper;

  /** Waits for so many nanoseconds. */
  interface Sleeper {
    void sleep(long nanos) throws InterruptedException;
  }

  RefusalDelay(Duration delay, int most, Sleeper sleeper) {
    this.nanos = delay.toNanos();
    this.most = most;
    this.sleeper = sleeper;
  }

  /** At most as many as the heap has room for in flight: what is held has no answer yet. */
  public static RefusalDelay of(Duration delay) {
    return new RefusalDelay(
        delay,
        LoadShedder.forHeap(Runtime.getRuntime().maxMemory()),
        wait -> Thread.sleep(Duration.ofNanos(wait)));
  }

  /**
   * Waits before a refusal is answered, or does not.
   *
   * @param bytes of the request's body
   * @param remainingNanos until the caller's deadline
   */
  public void hold(int bytes, long remainingNanos) throws InterruptedException {
    if (nanos == 0 || bytes > MOST_BYTES) {
      return;
    }
    try {
      if (held.incrementAndGet() <= most) {
        sleeper.sleep(Math.min(nanos, remainingNanos / 2));
      }
    } finally {
      held.decrementAndGet();
    }
  }
}
