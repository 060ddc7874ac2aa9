package io.cellrouter.fault;

import io.cellrouter.support.RouterProcess;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * What must be so again after a fault, and the promise of how soon.
 *
 * @param bound from the fault's end
 * @param again looked at again and again until it is true
 */
record Return(String what, Duration bound, Predicate<RouterProcess> again) {
  /** {@code config 0.9 s, 3.0 s}, as the page says it. */
  String took(Duration measured) {
    return what + " " + Row.seconds(measured) + ", " + Row.seconds(bound);
  }
}
