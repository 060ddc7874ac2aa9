package io.cellrouter.fault;

import io.cellrouter.demo.DemoCell;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class BlackHoleTest {
  @Test
  void aCellWhosePacketsVanishTimesOutAndIsLeftAlone() throws Exception {
    try (DemoCell cell = DemoCell.recording("3");
        BlackHole hole = new BlackHole(cell.port())) {
      Trial.of(Fault.BLACK_HOLE)
          .cell("3", hole.url(), cell::received)
          .fault(router -> hole.open(), router -> hole.heal())
          .sees("504 cell_connect_timeout", "503 breaker_open")
          // What was under way on connections that were there already.
          .maySee("504 deadline_exceeded", "502 cell_connect_failed", "502 cell_reset")
          .recoversWithin(Trial.RECOVERY)
          .run();
    }
  }
}
