package io.cellrouter.forward;

import io.cellrouter.resilience.ByteLease;
import io.cellrouter.telemetry.Reason;

/** How an exchange with a cell ended. */
public sealed interface Outcome {
  /** Time from the first attempt to the end, waits between them included: the cell's part. */
  long upstreamNanos();

  /**
   * How often the cell was tried; 0 when the deadline had passed before the first time, or no
   * address of it was known.
   */
  int attempts();

  /**
   * The cell answered, with whatever status.
   *
   * @param contentType as the cell sent it, empty when it sent none
   * @param body complete, at most {@code MAX_RESPONSE_BYTES}
   * @param lease that covers the body; to be closed when the answer has been written
   */
  record Answered(
      int status,
      String contentType,
      byte[] body,
      ByteLease lease,
      long upstreamNanos,
      int attempts)
      implements Outcome {}

  /**
   * The cell answered, with what cannot be passed on: too large, encoded, with a status that is
   * none. The exchange worked, so the cell is not in trouble.
   *
   * @param status as the cell sent it
   * @param detail for the log and the client
   */
  record Unusable(int status, Reason reason, String detail, long upstreamNanos, int attempts)
      implements Outcome {}

  /**
   * There is no answer, or none that is HTTP.
   *
   * @param detail for the log: what the client library said
   * @param blamed whether it counts against the cell: not when the deadline passed before it was
   *     asked, or without a {@link FairTime} since, nor when the router has no room for its answer
   */
  record Failed(Reason reason, String detail, long upstreamNanos, int attempts, boolean blamed)
      implements Outcome {}
}
