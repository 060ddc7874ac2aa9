package io.cellrouter.edge.handler;

import io.cellrouter.forward.Outcome;
import io.cellrouter.resilience.Admission;

/**
 * What a cell is held responsible for. Every answer is told to its gate with its status, which the
 * breaker judges by the cell's policy, also one that cannot be passed on; every broken exchange
 * counts against it, and every deadline that passed, unless the outcome says that the cell is not
 * to blame: that is told as nothing.
 */
final class Verdict {
  private Verdict() {}

  static void tell(Admission.Permit permit, Outcome outcome) {
    switch (outcome) {
      case Outcome.Answered answered ->
          permit.answered(answered.status(), answered.upstreamNanos());
      case Outcome.Unusable unusable ->
          permit.answered(unusable.status(), unusable.upstreamNanos());
      case Outcome.Failed failed -> {
        if (failed.blamed()) {
          permit.failed(failed.upstreamNanos());
        }
      }
    }
  }
}
