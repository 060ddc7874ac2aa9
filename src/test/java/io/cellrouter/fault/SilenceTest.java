package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class SilenceTest {
  @Test
  void aCellThatActsAndNeverAnswersIsAskedOnceAndThenLeftAlone() throws Exception {
    try (DemoCell cell = DemoCell.recording("3");
        Toxiproxy proxy = Toxiproxy.before(cell.port())) {
      Trial.of(Fault.SILENCE)
          .cell("3", proxy.url(), cell::received)
          .fault(router -> proxy.swallowAnswers(), router -> proxy.heal())
          .sees("504 deadline_exceeded", "503 bulkhead_full", "503 breaker_open")
          // The proxy closes what it has kept silent when it is to speak again.
          .maySee("502 cell_reset", "502 cell_closed_connection")
          .recoversWithin(Trial.RECOVERY)
          .run();
    }
  }
}
