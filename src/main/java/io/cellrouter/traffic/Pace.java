package io.cellrouter.traffic;

import java.time.Duration;

/**
 * When requests are due: steadily at a rate, and once in every period for a second at three times
 * the rate. Depends on nothing but how many requests there were, so it does not slow down when the
 * router does.
 */
final class Pace {
  /** Requests a second, bursts included, that are never exceeded. */
  static final int MAX_RATE = 5_000;

  static final Duration PERIOD = Duration.ofSeconds(10);
  private static final long SECOND = 1_000_000_000;
  private static final int BURST_FACTOR = 3;

  private final int rate;
  private final int peak;
  private long atNanos;
  private int owed;

  /**
   * @param rate requests a second between bursts, 1 to {@link #MAX_RATE}
   */
  Pace(int rate) {
    this.rate = rate;
    this.peak = Math.min(rate * BURST_FACTOR, MAX_RATE);
  }

  /**
   * @param atNanos since the start
   * @param burst whether it is one of those that a burst adds
   */
  record Due(long atNanos, boolean burst) {}

  /** The next one; time never goes back. */
  Due next() {
    long at = atNanos;
    // The last second of each period, so that a run begins quietly.
    boolean bursting = at % PERIOD.toNanos() >= PERIOD.toNanos() - SECOND;
    atNanos += SECOND / (bursting ? peak : rate);
    if (!bursting) {
      return new Due(at, false);
    }
    // The steady load goes on within a burst: rate of every peak requests belong to it.
    owed += rate;
    boolean steady = owed >= peak;
    if (steady) {
      owed -= peak;
    }
    return new Due(at, !steady);
  }
}
