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
}
