package io.cellrouter.edge.handler;

import io.cellrouter.forward.Outcome;
import io.cellrouter.resilience.Admission;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;

/**
 * What a cell is held responsible for. Every answer is told to its gate with its status, which the
 * breaker judges by the cell's policy; every broken exchange counts against it. Told nothing is:
 *
 * <ul>
 *   <li>that the deadline had passed before the cell was asked at all;
 *   <li>that a deadline passed which the client had shortened to less than {@link #FAIR}: a client
 *       with too little patience must not close a cell for everybody.
 * </ul>
 */
final class Verdict {
  /** Time a cell must have had before a client's own deadline counts against it. */
  static final Duration FAIR = Duration.ofSeconds(1);

  private Verdict() {}

  static void tell(Admission.Permit permit, Outcome outcome, boolean shortened) {
    switch (outcome) {
      case Outcome.Answered answered ->
          permit.answered(answered.status(), answered.upstreamNanos());
      case Outcome.Failed failed -> {
        if (isTheCells(failed, shortened)) {
          permit.failed(failed.upstreamNanos());
        }
      }
    }
  }

  private static boolean isTheCells(Outcome.Failed failed, boolean shortened) {
    if (failed.reason() != Reason.DEADLINE_EXCEEDED) {
      return true; // Also when it could not be asked since its name was never resolved.
    }
    return failed.attempts() > 0 && (!shortened || failed.upstreamNanos() >= FAIR.toNanos());
  }
}
