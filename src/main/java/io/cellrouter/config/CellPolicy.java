package io.cellrouter.config;

import java.time.Duration;

/**
 * What protects one cell, and everybody else from it; every number already checked. A policy holds
 * no state, so a reload replaces it under counters, windows and buckets that stay.
 *
 * @param rate how fast the cell may be asked by all clients together, over the whole fleet
 * @param clientRate the same for each client by itself
 */
public record CellPolicy(
    Bulkhead bulkhead,
    Breaker breaker,
    Retry retry,
    Ejection ejection,
    Rate rate,
    Rate clientRate) {

  /**
   * Requests in flight to the cell.
   *
   * @param most the fixed limit, and the ceiling of the adaptive one
   * @param maxWait how long a request may wait for one before it to finish; zero: it is refused
   * @param adaptive whether the limit follows the cell's latency, between {@code least} and {@code
   *     most}
   */
  public record Bulkhead(int most, Duration maxWait, boolean adaptive, int least) {}

  /**
   * When the cell is left alone for a while.
   *
   * @param window over which outcomes are counted
   * @param minRequests outcomes in the window below which nothing is concluded
   * @param failureRate share of failures, 0 to 1, from which the breaker opens
   * @param failureStatuses answers that count as failures beside exchanges that broke
   * @param slowAfter answers that take longer are slow; zero: none is
   * @param slowRate share of slow answers, 0 to 1, from which the breaker opens
   * @param open how long it stays open the first time; doubled each time in a row, jittered by 20 %
   * @param openMost where doubling ends
   * @param trials requests let through at once while half open, all of which must succeed
   */
  public record Breaker(
      boolean enabled,
      Duration window,
      int minRequests,
      double failureRate,
      StatusRange failureStatuses,
      Duration slowAfter,
      double slowRate,
      Duration open,
      Duration openMost,
      int trials) {}

  /**
   * HTTP statuses from {@code first} to {@code last}; none when {@code first} is greater than
   * {@code last}.
   */
  public record StatusRange(int first, int last) {
    /** No status at all. */
    public static final StatusRange NONE = new StatusRange(1, 0);

    public boolean contains(int status) {
      return status >= first && status <= last;
    }
  }

  /**
   * Second attempts.
   *
   * @param attempts in all, the first included; 1 means none is repeated
   * @param idempotent whether requests to this cell with an {@code Idempotency-Key} may be sent
   *     again although the cell may have seen them
   * @param base of the back-off: attempt n waits a random time up to base × 2ⁿ⁻¹
   * @param budget share of the cell's requests in flight that may be retries, 0 to 1
   * @param budgetLeast retries that may always be under way
   */
  public record Retry(
      int attempts, boolean idempotent, Duration base, double budget, int budgetLeast) {}

  /**
   * One address of several that fails.
   *
   * @param failures in a row after which it gets no requests
   * @param first how long; multiplied by the number of times in a row
   * @param longest where that ends
   */
  public record Ejection(int failures, Duration first, Duration longest) {}

  /**
   * A token bucket.
   *
   * @param perSecond requests a second, over all replicas of the router; 0: no limit
   * @param burst the bucket's size, at least 1 when there is a limit
   */
  public record Rate(double perSecond, double burst) {
    public static final Rate UNLIMITED = new Rate(0, 0);

    public boolean limits() {
      return perSecond > 0;
    }
  }

  /** What a cell gets for which nothing is configured. */
  public static CellPolicy defaults() {
    return Defaults.POLICY;
  }

  /**
   * Worked out once, and not before it is asked for: {@link CellSetting} itself needs this type.
   */
  private static final class Defaults {
    static final CellPolicy POLICY = new CellValues().policy();
  }
}
