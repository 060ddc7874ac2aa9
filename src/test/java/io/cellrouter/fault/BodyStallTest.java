package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class BodyStallTest {
  @Test
  void anAnswerThatStopsAfterItsHeadersEndsAtTheDeadline() throws Exception {
    try (DemoCell cell = DemoCell.recording("3")) {
      Trial.of(Fault.BODY_STALL)
          .cell("3", cell.url(), cell::received)
          .fault(
              router -> cell.faults(Faults.NONE.with("stall", "body")),
              router -> cell.faults(Faults.NONE))
          .sees("504 deadline_exceeded", "503 bulkhead_full", "503 breaker_open")
          .recoversWithin(Trial.RECOVERY)
          .run();
    }
  }
}
