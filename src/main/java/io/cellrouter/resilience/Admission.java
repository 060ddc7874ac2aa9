package io.cellrouter.resilience;

import io.cellrouter.telemetry.Reason;
import java.time.Duration;

/** Whether a request may go to a cell now. */
public sealed interface Admission {
  /**
   * It may. The permit must be closed when the exchange has ended, however it ended.
   *
   * @param permit counts as in flight until closed
   */
  record Admitted(Permit permit) implements Admission {}

  /**
   * It may not.
   *
   * @param retryAfter when it makes sense to ask again, at least a second
   * @param limit the rate limit that refused; null when it was something else
   */
  record Refused(Reason reason, Duration retryAfter, RateLimit limit) implements Admission {
    Refused(Reason reason, Duration retryAfter) {
      this(reason, retryAfter, null);
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

    /** The exchange broke: refused, reset, timed out, not HTTP. */
    void failed(long nanos);

    @Override
    void close();
  }
}
