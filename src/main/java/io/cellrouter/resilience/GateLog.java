package io.cellrouter.resilience;

import io.cellrouter.config.LogLevel;
import io.cellrouter.telemetry.Log;

/** What the gate of one cell tells the operator; that it gets better is no warning. */
final class GateLog implements CellGate.Listener {
  private final String cellId;
  private final Log breaker;
  private final Log bulkhead;

  GateLog(String cellId, Log log) {
    this.cellId = cellId;
    this.breaker = log.named("breaker");
    this.bulkhead = log.named("bulkhead");
  }

  @Override
  public void changed(Breaker.State from, Breaker.State to) {
    changed(from, to, "");
  }

  @Override
  public void changed(Breaker.State from, Breaker.State to, String why) {
    breaker.log(
        to == Breaker.State.OPEN ? LogLevel.WARN : LogLevel.INFO,
        "cell "
            + cellId
            + ": "
            + from.label()
            + " -> "
            + to.label()
            + (why.isEmpty() ? "" : ": " + why));
  }

  @Override
  public void full(int limit, long refused) {
    bulkhead.warn(
        "cell "
            + cellId
            + ": full with "
            + limit
            + " in flight, further requests are refused; "
            + refused
            + " since the last such line");
  }
}
