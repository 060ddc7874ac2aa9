package io.cellrouter.forward;

import java.time.Duration;

/**
 * The point in time by which a request must be answered, in {@link System#nanoTime} terms.
 *
 * @param atNanos compare by subtraction only: the origin is arbitrary and may overflow
 */
public record Deadline(long atNanos) {
  public static Deadline after(long startNanos, Duration duration) {
    return new Deadline(startNanos + duration.toNanos());
  }

  /** What is left, never negative. */
  public long remainingNanos(long nowNanos) {
    return Math.max(0, atNanos - nowNanos);
  }

  /**
   * A time as a cell is told it in {@code X-Request-Timeout}: seconds with three decimals, cut off
   * and never rounded up, so that it promises no more than there is.
   */
  static String seconds(long nanos) {
    long millis = Math.max(0, nanos / 1_000_000);
    long fraction = millis % 1_000;
    return millis / 1_000 + (fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".") + fraction;
  }
}
