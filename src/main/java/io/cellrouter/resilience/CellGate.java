package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The one door to one cell: every request passes it, in the order state, (rate, breaker, bulkhead
 * when they are there). Never blocks.
 */
public final class CellGate {
  private static final Duration RETRY_AFTER_DRAIN = Duration.ofSeconds(5);
  private static final Duration RETRY_AFTER_DISABLED = Duration.ofSeconds(30);

  private final AtomicInteger inFlight = new AtomicInteger();
  private final Admission admitted = new Admission.Admitted(inFlight::decrementAndGet);

  /** Admits the request or says why not. */
  public Admission admit(Cell cell) {
    return switch (cell.state()) {
      case ACTIVE -> {
        inFlight.incrementAndGet();
        yield admitted;
      }
      case DRAINING -> new Admission.Refused(Reason.CELL_DRAINING, RETRY_AFTER_DRAIN);
      case DISABLED -> new Admission.Refused(Reason.CELL_DISABLED, RETRY_AFTER_DISABLED);
    };
  }

  /** Requests admitted and not finished. */
  public int inFlight() {
    return inFlight.get();
  }
}
