package io.cellrouter.resilience;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Says that a bulkhead refuses: at the first refusal, and while there are more, once a minute with
 * their number. A cell that hangs is refused thousands of times a second.
 */
final class RefusalCount {
  static final long PAUSE_NANOS = 60_000_000_000L;

  /** Must be quick. */
  @FunctionalInterface
  interface Listener {
    /**
     * @param limit in flight at most
     * @param refused since the last time, this one included
     */
    void full(int limit, long refused);
  }

  private final LongSupplier clock;
  private final Listener listener;
  private final LongAdder refused = new LongAdder();
  private final AtomicLong due;

  RefusalCount(LongSupplier clock, Listener listener) {
    this.clock = clock;
    this.listener = listener;
    this.due = new AtomicLong(clock.getAsLong());
  }

  void refused(int limit) {
    refused.increment();
    long now = clock.getAsLong();
    long at = due.get();
    if (now - at >= 0 && due.compareAndSet(at, now + PAUSE_NANOS)) {
      listener.full(limit, refused.sumThenReset());
    }
  }
}
