package io.cellrouter.forward;

import java.time.Duration;

/**
 * The one rule of who is to blame for a deadline that passed: whoever was asked, if he had at least
 * a second for the answer, or half of {@code REQUEST_TIMEOUT} where that is less. Else it was used
 * up before, by a client with little patience or a slow upload, or by the wait for a place; and
 * what a client does must not close a cell for everybody, nor eject one of its places.
 */
record FairTime(long leastNanos) {
  private static final Duration MOST = Duration.ofSeconds(1);

  static FairTime of(Duration requestTimeout) {
    return new FairTime(Math.min(MOST.toNanos(), requestTimeout.toNanos() / 2));
  }

  /**
   * @param nanos from when it was asked to the deadline
   */
  boolean wasGiven(long nanos) {
    return nanos >= leastNanos;
  }
}
