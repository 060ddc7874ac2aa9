package io.cellrouter.fault;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class IdleCloseTest {
  @Test
  void aPostOnAConnectionThatTheCellClosesIsNotSentAgain() throws Exception {
    try (ClosingCell cell = new ClosingCell()) {
      Trial.of(Fault.IDLE_CLOSE)
          .cell("3", cell.url(), cell::received)
          .setting("NGINX_3_BREAKER", "false") // Every request shall meet the fault.
          .fault(router -> cell.closeOnReuse(true), router -> cell.closeOnReuse(false))
          .sees("502 cell_closed_connection")
          .maySee("502 cell_reset")
          .recoversWithin(Duration.ofMillis(500))
          .run();
      cell.assertFaultWasThere();
    }
  }
}
