package io.cellrouter.resilience;

import io.cellrouter.telemetry.Reason;
import java.time.Duration;

/** Whether a request may go to a cell now. */
public sealed interface Admission {
  /**
   * It may. The permit must be closed when the exchange has ended, however it ended.
   *
   * @param permit counts as in flight until closed
   * @param limit of the rate limits of the cell the one with the least left; null when there is
   *     none
   */
  record Admitted(Permit permit, RateLimit limit) implements Admission {}

  /**
   * It may not.
   *
   * @param retryAfter when it makes sense to ask again, in whole seconds, at least one
   * @param limit the rate limit that refused; null when it was something else
   */
  record Refused(Reason reason, Duration retryAfter, RateLimit limit) implements Admission {
    Refused(Reason reason, Duration retryAfter) {
      this(reason, retryAfter, null);
    }

    /**
     * @param nanos until it makes sense to ask again; rounded up
     */
    static Refused until(Reason reason, long nanos, RateLimit limit) {
      return new Refused(
          reason, Duration.ofSeconds(Math.max(1, Math.ceilDiv(nanos, 1_000_000_000L))), limit);
    }
  }

  /**
   * The right to be in flight to one cell. What came of the exchange is told before it is closed;
   * closing it untold counts neither for nor against the cell.
   */
  interface Permit extends AutoCloseable {
    /**
     * The cell answered.
     *
     * @param nanos how long the cell took
     */
    void answered(int status, long nanos);

    /** Whether the cell may be asked once more: not when its breaker has opened meanwhile. */
    boolean stands();

    /** The exchange broke: refused, reset, timed out, not HTTP. */
    void failed(long nanos);

    @Override
    void close();
  }
}
