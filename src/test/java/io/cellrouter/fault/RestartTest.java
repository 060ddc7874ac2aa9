package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class RestartTest {
  @Test
  void aCellOfTwoEndpointsThatBothRestartComesBackOnBoth() throws Exception {
    try (RestartableCell a = new RestartableCell("3");
        RestartableCell b = new RestartableCell("3")) {
      Trial.of(Fault.RESTART)
          .cell("3", a.url() + "," + b.url(), a::received)
          .alsoReceived(b::received)
          .setting("CELL_EJECT", "1")
          .setting("CELL_EJECT_MAX", "2")
          .fault(
              router -> {
                a.stop();
                b.stop();
              },
              router -> {
                a.start();
                b.start();
              })
          .sees("502 cell_connect_failed", "503 breaker_open")
          .maySee("502 cell_reset", "502 cell_closed_connection")
          .recoversWithin(Trial.RECOVERY)
          .run();
      assertTrue(a.receivedInThisLife() > 0, "the first endpoint gets requests again");
      assertTrue(b.receivedInThisLife() > 0, "the second endpoint gets requests again");
    }
  }
}
