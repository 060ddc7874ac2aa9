package io.cellrouter.forward;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a further attempt: a random part ("full jitter") of a time that doubles
 * with each, so that requests that failed together do not come back together.
 */
final class Backoff {
  private final RandomGenerator random;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /**
   * @param base what the first wait is at most
   * @param retry 1 before the second attempt, and so on
   * @return nanoseconds, from 0 up to and including base × 2^(retry-1)
   */
  long nanos(Duration base, int retry) {
    return random.nextLong((base.toNanos() << (retry - 1)) + 1);
  }
}
