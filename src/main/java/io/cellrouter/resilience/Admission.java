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
   */
  record Refused(Reason reason, Duration retryAfter) implements Admission {}

  /** The right to be in flight to one cell. */
  interface Permit extends AutoCloseable {
    @Override
    void close();
  }
}
