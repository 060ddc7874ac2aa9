package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineWatchTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void endedTwiceItLeavesAnInterruptOfSomebodyElseAlone() {
    try (DeadlineWatch watch = new DeadlineWatch()) {
      DeadlineWatch.Guard guard = watch.guard(Deadline.after(System.nanoTime(), Duration.ZERO));
      assertThrows(InterruptedException.class, () -> Thread.sleep(LONG));
      assertTrue(guard.end());
      Thread.currentThread().interrupt();
      assertTrue(guard.end());
      assertTrue(Thread.interrupted(), "the other interrupt is still there");
    }
  }

  @Test
  void endedTwiceItLeavesTheNextGuardAlone() {
    try (DeadlineWatch watch = new DeadlineWatch()) {
      DeadlineWatch.Guard first = watch.guard(Deadline.after(System.nanoTime(), LONG));
      assertFalse(first.end());
      DeadlineWatch.Guard next = watch.guard(Deadline.after(System.nanoTime(), Duration.ZERO));
      assertFalse(first.end());
      assertThrows(InterruptedException.class, () -> Thread.sleep(LONG));
      assertTrue(next.end());
    }
  }
}
