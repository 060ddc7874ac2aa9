package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.support.FakeClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/**
 * Whatever a cell goes through, and whatever is reloaded meanwhile, once it is well again and asked
 * for more than it can do, its limit is soon what it would be for a cell that was never ill.
 *
 * <p>The cell has twenty workers of 100 ms. At the latency it has at ease the step stands still
 * where limit = 1.5 × 20 + √limit, that is at 36.
 */
class GradientLimitPropertiesTest {
  private static final int WORKERS = 20;
  private static final long SERVICE_NANOS = 100_000_000;
  private static final long TIMEOUT_NANOS = 30_000_000_000L;
  private static final int STANDS_STILL = 36;

  /** What happens next. Hangs come when they do the most harm: once the limit is at its floor. */
  sealed interface Step {
    record Work(int seconds) implements Step {}

    /** Few are in flight. */
    record Light(int seconds) implements Step {}

    record Pause(int seconds) implements Step {}

    /** Work until the latency at ease is about to be measured, and for so many exchanges more. */
    record UntilAtFloor(int more) implements Step {}

    /** All that are in flight time out, so often. */
    record Hang(int times) implements Step {}

    /** All that are in flight are answered late. */
    record Stall(int seconds) implements Step {}

    record Refuse(int exchanges) implements Step {}

    /** Those in flight end with the policy they began with. */
    record Reload(int least, int most, boolean adaptive) implements Step {}
  }

  @Property(tries = 300)
  void afterAnyHistoryTheLimitIsSoonWhereItBelongs(
      @ForAll("histories") List<Step> history, @ForAll @IntRange(max = 100) int jitter) {
    Loop loop = new Loop(jitter / 100.0);
    history.forEach(loop::go);
    loop.go(new Step.Reload(2, 400, true));
    loop.work(240);
    loop.assertStandsStill(STANDS_STILL * 1.5, history);
  }

  /** Found by the property before. */
  @Example
  void aLimitThatOnlyTheReloadMovedIsTheOneInForce() {
    List<Step> history =
        List.of(
            new Step.Reload(1, 2, true),
            new Step.Work(1),
            new Step.Reload(10, 20, true),
            new Step.Light(1));
    afterAnyHistoryTheLimitIsSoonWhereItBelongs(history, 50);
  }

  /** Two stalls may spoil four windows, of which each raises it by half at most: 1.5⁴. */
  @Property(tries = 300)
  void aHangWhileItIsMeasuredIsNotTheLatencyAtEase(
      @ForAll @IntRange(min = 1, max = 19) int least,
      @ForAll @IntRange(max = 60) int more,
      @ForAll("troubles") List<Step> troubles) {
    Loop loop = new Loop(0.5);
    loop.go(new Step.Reload(least, 400, true));
    loop.work(120);
    loop.go(new Step.UntilAtFloor(more));
    troubles.forEach(loop::go);
    loop.work(20);
    loop.assertStandsStill(STANDS_STILL * 5.1, troubles);
  }

  @Property(tries = 300)
  void aReloadWhileItIsMeasuredDoesNotKeepItAtTheFloor(
      @ForAll @IntRange(min = 1, max = 19) int before,
      @ForAll @IntRange(min = 1, max = 19) int after,
      @ForAll @IntRange(max = 60) int more) {
    Loop loop = new Loop(0.5);
    loop.go(new Step.Reload(before, 400, true));
    loop.work(120);
    loop.go(new Step.UntilAtFloor(more));
    loop.go(new Step.Reload(after, 400, true));
    loop.work(20);
    loop.assertStandsStill(STANDS_STILL * 1.5, List.of());
  }

  /** Asks for more than the limit lets through, so that as many are in flight as it allows. */
  private static final class Loop {
    private final FakeClock clock = new FakeClock();
    private final GradientLimit limit;
    private CellPolicy.Bulkhead policy = Policies.adaptive(4, 400);

    /** Of those in flight, oldest first. */
    private final Deque<CellPolicy.Bulkhead> inFlight = new ArrayDeque<>();

    Loop(double jitter) {
      limit = new GradientLimit(clock, () -> jitter);
    }

    void go(Step step) {
      switch (step) {
        case Step.Work(int seconds) -> work(seconds);
        case Step.Light(int seconds) -> {
          for (int i = 0; i < seconds * 10; i++) {
            exchange(SERVICE_NANOS, SERVICE_NANOS, true, 1);
          }
        }
        case Step.Pause(int seconds) -> clock.advance(Duration.ofSeconds(seconds));
        case Step.UntilAtFloor(int more) -> {
          for (int i = 0; i < 200_000 && limit.limit(policy) > policy.least(); i++) {
            one();
          }
          for (int i = 0; i < more; i++) {
            one();
          }
        }
        case Step.Hang(int times) -> {
          for (int i = 0; i < times; i++) {
            atOnce(TIMEOUT_NANOS, false);
          }
        }
        case Step.Stall(int seconds) -> atOnce(seconds * 1_000_000_000L, true);
        case Step.Refuse(int exchanges) -> {
          for (int i = 0; i < exchanges; i++) {
            exchange(1_000_000, 1_000_000, false, Integer.MAX_VALUE);
          }
        }
        case Step.Reload(int least, int most, boolean adaptive) ->
            policy = new CellPolicy.Bulkhead(most, Duration.ZERO, adaptive, least);
      }
    }

    void work(int seconds) {
      long end = clock.getAsLong() + seconds * 1_000_000_000L;
      while (clock.getAsLong() - end < 0) {
        one();
      }
    }

    private void one() {
      int busy = Math.max(1, inFlight());
      long latency = SERVICE_NANOS * Math.max(busy, WORKERS) / WORKERS;
      exchange(latency, SERVICE_NANOS / Math.min(busy, WORKERS), true, Integer.MAX_VALUE);
    }

    private void atOnce(long nanos, boolean answered) {
      exchange(nanos, nanos, answered, Integer.MAX_VALUE);
      while (inFlight() > 0) {
        exchange(nanos, 0, answered, inFlight());
      }
    }

    /**
     * Fills up, waits, and ends the oldest. Above a lowered limit none comes in for it.
     *
     * @param most that are in flight, if the limit is not lower
     */
    private void exchange(long latency, long pause, boolean answered, int most) {
      int allowed = Math.min(most, policy.adaptive() ? limit.limit(policy) : policy.most());
      while (inFlight.size() < allowed) {
        inFlight.add(policy);
      }
      clock.advance(pause);
      CellPolicy.Bulkhead admittedBy = inFlight.remove();
      if (admittedBy.adaptive()) {
        limit.sample(admittedBy, latency, inFlight.size() + 1, answered);
      }
    }

    private int inFlight() {
      return inFlight.size();
    }

    /** For a minute; but for when it is measured. */
    void assertStandsStill(double most, List<Step> history) {
      int[] seen = new int[600];
      for (int i = 0; i < seen.length; i++) {
        long end = clock.getAsLong() + 100_000_000;
        while (clock.getAsLong() - end < 0) {
          one();
        }
        seen[i] = limit.limit(policy);
      }
      Arrays.sort(seen);
      assertTrue(seen[seen.length / 5] >= STANDS_STILL * 0.7, () -> says(seen, history));
      assertTrue(seen[seen.length - 1] <= most, () -> says(seen, history));
    }

    private static String says(int[] seen, List<Step> history) {
      return "from %d over %d to %d after %s"
          .formatted(seen[0], seen[seen.length / 2], seen[seen.length - 1], history);
    }
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    Arbitrary<Step> reload =
        Combinators.combine(
                Arbitraries.of(1, 4, 10, 19, 60),
                Arbitraries.of(2, 20, 60, 400),
                Arbitraries.of(true, true, true, false))
            .as(Step.Reload::new);
    return Arbitraries.<Step>frequencyOf(
            Tuple.of(3, Arbitraries.integers().between(1, 70).map(Step.Work::new)),
            Tuple.of(1, Arbitraries.integers().between(1, 60).map(Step.Light::new)),
            Tuple.of(1, Arbitraries.integers().between(1, 600).map(Step.Pause::new)),
            Tuple.of(3, Arbitraries.integers().between(0, 60).map(Step.UntilAtFloor::new)),
            Tuple.of(3, trouble()),
            Tuple.of(3, reload))
        .list()
        .ofMinSize(1)
        .ofMaxSize(12);
  }

  @Provide
  Arbitrary<List<Step>> troubles() {
    return trouble().list().ofMinSize(1).ofMaxSize(2);
  }

  private static Arbitrary<Step> trouble() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(1, 8).map(Step.Hang::new),
        Arbitraries.integers().between(1, 25).map(Step.Stall::new),
        Arbitraries.integers().between(1, 200).map(Step.Refuse::new));
  }
}
