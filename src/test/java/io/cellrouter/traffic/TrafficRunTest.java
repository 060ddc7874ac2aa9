package io.cellrouter.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TrafficRunTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Time that passes exactly as fast as somebody waits for it. */
  private static final class FakeTimer implements Timer {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // Overflows at once.

    @Override
    public long nanoTime() {
      return now.get();
    }

    @Override
    public void awaitNanoTime(long nanos) {
      now.set(nanos);
    }
  }

  private static TrafficRun run(Sender sender, int rate, Duration duration) {
    Mix mix = new Mix(List.of("1"), false, new SplittableRandom(1));
    return new TrafficRun(sender, mix, new Pace(rate), new FakeTimer(), duration);
  }

  /** Answers nothing before it is told to. */
  private static final class Hanging implements Sender {
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public Answer send(Shot shot) throws InterruptedException {
      release.await();
      return new Answer.Status(shot.expected().iterator().next(), shot.cell());
    }

    @Override
    public void close() {}
  }

  @Test
  void countsEveryAnswerOfTheWholeTime() throws Exception {
    Hanging sender = new Hanging();
    sender.release.countDown();
    TrafficRun run = run(sender, 50, Duration.ofSeconds(20));

    run.start();

    assertTrue(run.awaitSent(PATIENCE) && run.awaitAnswers(PATIENCE));
    assertEquals(50 * 18 + 150 * 2, (double) run.totals().requests(), 3);
    assertEquals(0, run.totals().unexpected());
    assertEquals(20, run.elapsed().toMillis() / 1e3, 0.1);
  }

  @Test
  void goesOnAtItsPaceWhenNothingIsAnsweredAndCountsWhatItLeavesOut() throws Exception {
    Hanging sender = new Hanging();
    TrafficRun run = run(sender, 1_000, Duration.ofSeconds(3));

    run.start();

    assertTrue(run.awaitSent(PATIENCE));
    assertEquals(TrafficRun.MAX_IN_FLIGHT, run.inFlight());
    assertEquals(3_000 - TrafficRun.MAX_IN_FLIGHT, run.totals().notSent());
    assertFalse(run.awaitAnswers(Duration.ZERO));
    sender.release.countDown();
    assertTrue(run.awaitAnswers(PATIENCE));
    assertEquals(TrafficRun.MAX_IN_FLIGHT, run.totals().requests());
  }

  @Test
  void setsApartWhatTheOthersAnswerWhileOneCellHangs() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger hanging = new AtomicInteger();
    Sender oneHangs =
        new Sender() {
          @Override
          public Answer send(Shot shot) throws InterruptedException {
            if (shot.cell().equals("1")) {
              hanging.incrementAndGet();
              release.await();
            }
            return new Answer.Status(shot.expected().iterator().next(), shot.cell());
          }

          @Override
          public void close() {}
        };
    Mix mix = new Mix(List.of("1", "2"), false, new SplittableRandom(1));
    TrafficRun run =
        new TrafficRun(oneHangs, mix, new Pace(100), new FakeTimer(), Duration.ofSeconds(5));

    run.start();

    assertTrue(run.awaitSent(PATIENCE));
    Eventually.isTrue(() -> run.inFlight() == hanging.get());
    release.countDown();
    assertTrue(run.awaitAnswers(PATIENCE));
    assertEquals(List.of("2"), run.totals().besideTrouble().stream().map(Tally.Row::name).toList());
    assertTrue(run.totals().calm().stream().anyMatch(row -> row.name().equals("1")));
  }
}
