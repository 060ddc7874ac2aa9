package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.LogLevel;
import io.cellrouter.support.Eventually;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlineWatchTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(logged);
  private final Log log = new Log(LogLevel.INFO, Clock.systemUTC(), writer);

  @AfterEach
  void close() {
    writer.close();
  }

  /** Interrupting a thread runs what it waits in, which may fail. */
  @Test
  void aThreadThatCannotBeInterruptedCostsNoOtherItsDeadline() throws Exception {
    CountDownLatch watched = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (DeadlineWatch watch = new DeadlineWatch(log)) {
      Thread stubborn =
          new Thread() {
            @Override
            public void run() {
              DeadlineWatch.Guard guard =
                  watch.guard(Deadline.after(System.nanoTime(), LONG.negated()));
              watched.countDown();
              try {
                over.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              guard.end();
            }

            @Override
            public void interrupt() {
              throw new LinkageError("planted");
            }
          };
      stubborn.start();
      watched.await();
      Eventually.isTrue(() -> logged.toString(StandardCharsets.UTF_8).contains("planted"));
      DeadlineWatch.Guard guard = watch.guard(Deadline.after(System.nanoTime(), Duration.ZERO));
      assertThrows(InterruptedException.class, () -> Thread.sleep(LONG));
      assertTrue(guard.end());
      over.countDown();
      stubborn.join();
    }
  }

  @Test
  void endedTwiceItLeavesAnInterruptOfSomebodyElseAlone() {
    try (DeadlineWatch watch = new DeadlineWatch(log)) {
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
    try (DeadlineWatch watch = new DeadlineWatch(log)) {
      DeadlineWatch.Guard first = watch.guard(Deadline.after(System.nanoTime(), LONG));
      assertFalse(first.end());
      DeadlineWatch.Guard next = watch.guard(Deadline.after(System.nanoTime(), Duration.ZERO));
      assertFalse(first.end());
      assertThrows(InterruptedException.class, () -> Thread.sleep(LONG));
      assertTrue(next.end());
    }
  }
}
