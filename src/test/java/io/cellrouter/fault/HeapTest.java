package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.RouterProcess;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class HeapTest {
  /** More than the heap, if all of it were taken in. */
  private static final int UPLOADS = 60;

  private Uploads uploads;

  @Test
  void largeBodiesForACellThatHangsDoNotFillASmallHeap() throws Exception {
    try (DemoCell cell = DemoCell.recording("3")) {
      Trial.of(Fault.HEAP)
          .cell("3", cell.url(), cell::received)
          // As in a container of 128 MB (jlink/jvm.options).
          .javaOption("-XX:+UseSerialGC")
          .javaOption("-Xmx48m")
          .javaOption("-XX:+ExitOnOutOfMemoryError")
          // The worst case: what hangs is taken on as long as there is room.
          .setting("NGINX_3_BREAKER", "false")
          .fault(
              router -> {
                cell.faults(Faults.NONE.with("stall", "headers"));
                uploads = Uploads.start(router, "3", UPLOADS);
              },
              router -> {
                cell.faults(Faults.NONE);
                cell.cut();
                uploads.close();
                check(router);
              })
          .sees("504 deadline_exceeded")
          // What was under way when the cell let go of its connections.
          .maySee("503 router_overloaded", "502 cell_reset", "502 cell_closed_connection")
          .recoversWithin(Trial.RECOVERY)
          .run();
    }
  }

  private void check(RouterProcess router) {
    assertEquals(
        List.of(),
        router.lines().stream().filter(line -> line.contains("OutOfMemoryError")).toList());
    Set<String> seen = uploads.answers().keySet();
    assertTrue(seen.contains("504 deadline_exceeded"), () -> "some taken on: " + seen);
    assertTrue(seen.stream().anyMatch(each -> each.startsWith("503 ")), () -> "not all: " + seen);
    assertTrue(
        seen.stream().noneMatch(each -> each.contains("Retry-After")),
        () -> "refused without saying for how long: " + seen);
  }
}
