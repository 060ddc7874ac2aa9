package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellPolicy;
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
  private final AtomicInteger retries = new AtomicInteger();

  private final RetryBudget budget =
      new RetryBudget() {
        @Override
        public boolean tryTake(CellPolicy.Retry policy) {
          retries.incrementAndGet();
          return true;
        }

        @Override
        public void give() {
          retries.decrementAndGet();
        }
      };

  private final Admission admitted =
      new Admission.Admitted(
          new Admission.Permit() {
            @Override
            public void answered(int status, long nanos) {}

            @Override
            public void failed(long nanos) {}

            @Override
            public void close() {
              inFlight.decrementAndGet();
            }
          });

  /**
   * Admits the request or says why not.
   *
   * @param cell as it stands in the request's snapshot: its policy is the one that holds
   */
  public Admission admit(Cell cell, Caller caller) {
    return switch (cell.state()) {
      case ACTIVE -> {
        inFlight.incrementAndGet();
        yield admitted;
      }
      case READ_ONLY -> new Admission.Refused(Reason.CELL_READ_ONLY, RETRY_AFTER_DRAIN);
      case DRAINING -> new Admission.Refused(Reason.CELL_DRAINING, RETRY_AFTER_DRAIN);
      case DISABLED -> new Admission.Refused(Reason.CELL_DISABLED, RETRY_AFTER_DISABLED);
    };
  }

  /** Where a second attempt has to ask. */
  public RetryBudget retries() {
    return budget;
  }

  /** Requests admitted and not finished. */
  public int inFlight() {
    return inFlight.get();
  }
}
