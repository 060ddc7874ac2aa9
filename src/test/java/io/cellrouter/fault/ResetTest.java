package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class ResetTest {
  @Test
  void anAnswerThatBreaksOffIsA502AndIsNotAskedForAgain() throws Exception {
    try (DemoCell cell = DemoCell.recording("3")) {
      Trial.of(Fault.RESET)
          .cell("3", cell.url(), cell::received)
          .fault(
              router -> cell.faults(Faults.NONE.with("reset-rate", "1")),
              router -> cell.faults(Faults.NONE))
          .sees("502 cell_reset", "503 breaker_open")
          // The reset may overtake the half of the answer that was sent.
          .maySee("502 cell_closed_connection")
          .recoversWithin(Trial.RECOVERY)
          .run();
    }
  }
}
