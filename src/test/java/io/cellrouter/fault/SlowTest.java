package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class SlowTest {
  private static final Faults USUAL = Faults.NONE.with("latency", "10");

  @Test
  void aCellAHundredTimesSlowerFillsItsOwnBulkheadAndNoOther() throws Exception {
    try (DemoCell cell = DemoCell.recording("3")) {
      cell.faults(USUAL);
      Trial.of(Fault.SLOW)
          .cell("3", cell.url(), cell::received)
          .rate("3", 200)
          .fault(router -> cell.faults(USUAL.with("latency", "1000")), router -> cell.faults(USUAL))
          .sees(Shot.OK, "503 bulkhead_full")
          // The slow ones have to end first; no breaker is open.
          .recoversWithin(Duration.ofMillis(1_500))
          .run();
    }
  }
}
