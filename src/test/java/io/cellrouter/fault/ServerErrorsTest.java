package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class ServerErrorsTest {
  @Test
  void answersWith5xxOpenTheBreakerWhereTheyAreConfiguredTo() throws Exception {
    try (DemoCell cell = DemoCell.recording("3")) {
      Trial.of(Fault.SERVER_ERRORS)
          .cell("3", cell.url(), cell::received)
          .setting("NGINX_3_BREAKER_FAILURE_STATUSES", "500-599")
          .setting("NGINX_3_BREAKER_FAILURE_RATE", "0.3")
          .fault(
              router -> cell.faults(Faults.NONE.with("error-rate", "0.5")),
              router -> cell.faults(Faults.NONE))
          .sees("500", "503 breaker_open") // The cell's own answer is passed on.
          .recoversWithin(Trial.RECOVERY)
          .run();
    }
  }
}
