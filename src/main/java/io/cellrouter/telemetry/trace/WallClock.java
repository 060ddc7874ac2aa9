package io.cellrouter.telemetry.trace;

import java.time.Clock;
import java.time.Instant;

/**
 * Tells when, by the calendar, a {@link System#nanoTime} was. One offset serves all, so that a span
 * lies within its parent to the nanosecond; it is measured again every few seconds, since the two
 * clocks drift apart.
 */
final class WallClock {
  private static final int ATTEMPTS = 5;
  private static final long GOOD_NANOS = 20_000;

  private final Clock clock;
  private volatile long offset;

  WallClock(Clock clock) {
    this.clock = clock;
    synchronise();
  }

  long epochNanos(long nanoTime) {
    return nanoTime + offset;
  }

  /** Measures the offset; of a few attempts the one that was interrupted least counts. */
  void synchronise() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < ATTEMPTS && least > GOOD_NANOS; i++) {
      long before = System.nanoTime();
      Instant now = clock.instant();
      long took = System.nanoTime() - before;
      if (took < least) {
        least = took;
        offset = now.getEpochSecond() * 1_000_000_000 + now.getNano() - (before + took / 2);
      }
    }
  }
}
