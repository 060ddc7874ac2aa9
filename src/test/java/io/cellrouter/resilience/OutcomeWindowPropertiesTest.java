package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.support.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/**
 * After a reload the outcomes of requests admitted before it come in between those of later ones,
 * each with the window that held when it was admitted.
 */
class OutcomeWindowPropertiesTest {
  private static final long MILLI = 1_000_000;

  /**
   * @param after milliseconds since the one before
   * @param window in milliseconds
   */
  record Outcome(int after, int window, boolean failed, boolean slow) {}

  private record Counted(long at, Outcome outcome) {}

  @Property(tries = 2_000)
  void countsNothingThatIsOlderThanTheWindowAndASlice(@ForAll("mixed") List<Outcome> history) {
    long now = 7;
    OutcomeWindow window = new OutcomeWindow(now);
    List<Counted> all = new ArrayList<>();
    for (Outcome next : history) {
      now += next.after() * MILLI;
      window.add(now, next.window() * MILLI, next.failed(), next.slow());
      all.add(new Counted(now, next));
      long oldest = now - next.window() * MILLI * 11 / 10;
      List<Outcome> young =
          all.stream().filter(each -> each.at() > oldest).map(Counted::outcome).toList();
      assertTrue(window.total() <= young.size());
      assertTrue(window.failures() <= young.stream().filter(Outcome::failed).count());
      assertTrue(window.slow() <= young.stream().filter(Outcome::slow).count());
    }
  }

  @Property(tries = 2_000)
  void ofOneLengthItCountsNineTenths(
      @ForAll("mixed") List<Outcome> history, @ForAll("windows") int length) {
    long now = 7;
    OutcomeWindow window = new OutcomeWindow(now);
    List<Counted> all = new ArrayList<>();
    for (Outcome next : history) {
      now += next.after() * MILLI;
      window.add(now, length * MILLI, next.failed(), next.slow());
      all.add(new Counted(now, next));
      long oldest = now - length * MILLI * 9 / 10;
      List<Outcome> young =
          all.stream().filter(each -> each.at() >= oldest).map(Counted::outcome).toList();
      assertTrue(window.total() >= young.size());
      assertTrue(window.failures() >= young.stream().filter(Outcome::failed).count());
      assertTrue(window.slow() >= young.stream().filter(Outcome::slow).count());
    }
  }

  /** 60 requests a second for as long as the shortest window. */
  @Property(tries = 500)
  void aCellThatOnlyFailsIsLeftAloneWhateverIsReloadedMeanwhile(
      @ForAll @Size(60) List<@From("windows") Integer> windows) {
    FakeClock clock = new FakeClock();
    Breaker breaker = new Breaker(clock, () -> 0.5, (from, to) -> {});
    for (int window : windows) {
      clock.advance(1_000 / windows.size() * MILLI);
      CellPolicy.Breaker policy = policy(window);
      long ticket = breaker.enter(policy);
      if (ticket >= 0) {
        breaker.told(ticket, policy, true, MILLI);
      }
    }
    assertEquals(Breaker.State.OPEN, breaker.state());
  }

  private static CellPolicy.Breaker policy(int windowMillis) {
    CellPolicy.Breaker plain = CellPolicy.defaults().breaker();
    return new CellPolicy.Breaker(
        true,
        Duration.ofMillis(windowMillis),
        plain.minRequests(),
        plain.failureRate(),
        plain.failureStatuses(),
        plain.slowAfter(),
        plain.slowRate(),
        plain.open(),
        plain.openMost(),
        plain.trials());
  }

  @Provide
  Arbitrary<Integer> windows() {
    return Arbitraries.of(1_000, 2_000, 3_000, 7_000, 10_000, 300_000);
  }

  @Provide
  Arbitrary<List<Outcome>> mixed() {
    Arbitrary<Boolean> either = Arbitraries.of(true, false);
    return Combinators.combine(Arbitraries.integers().between(0, 700), windows(), either, either)
        .as(Outcome::new)
        .list()
        .ofMinSize(5)
        .ofMaxSize(150);
  }
}
