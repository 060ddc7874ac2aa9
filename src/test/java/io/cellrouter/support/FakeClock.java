package io.cellrouter.support;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A {@link System#nanoTime} that goes on only when told to. It starts shortly before the numbers
 * wrap around, which the real one may do too.
 */
public final class FakeClock implements LongSupplier {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 3_000_000_000L);

  @Override
  public long getAsLong() {
    return now.get();
  }

  public void advance(Duration time) {
    advance(time.toNanos());
  }

  public void advance(long nanos) {
    now.addAndGet(nanos);
  }
}
