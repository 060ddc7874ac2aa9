package io.cellrouter.fault;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class RefusedTest {
  @Test
  void aCellWhosePortRefusesIsLeftAloneAfterAMoment() throws Exception {
    try (RestartableCell cell = new RestartableCell("3")) {
      Trial.of(Fault.REFUSED)
          .cell("3", cell.url(), cell::received)
          .fault(router -> cell.stop(), router -> cell.start())
          .sees("502 cell_connect_failed", "503 breaker_open")
          // What was under way when it went.
          .maySee("502 cell_reset", "502 cell_closed_connection")
          .recoversWithin(Trial.RECOVERY)
          .run();
    }
  }
}
