package io.cellrouter.forward;

import java.time.Duration;
import java.util.Optional;

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
   * What a cell is told now in {@code X-Request-Timeout}: seconds with three decimals, cut off and
   * never rounded up, so that it promises no more than there is.
   *
   * @return empty when it would be told nothing, since less than a millisecond is left: whoever
   *     waits for the answer has as good as gone, and no work is begun for him
   */
  public Optional<String> told(long nowNanos) {
    long millis = remainingNanos(nowNanos) / 1_000_000;
    if (millis == 0) {
      return Optional.empty();
    }
    long fraction = millis % 1_000;
    return Optional.of(
        millis / 1_000 + (fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".") + fraction);
  }
}
