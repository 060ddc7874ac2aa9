package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.resilience.Breaker.State;
import io.cellrouter.support.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The breaker beside a second one, written from the table in its doc alone, for any history. */
class BreakerPropertiesTest {
  private static final long MILLI = 1_000_000;

  /** What happens next. */
  sealed interface Step {
    record Pass(int millis) implements Step {}

    record Enter() implements Step {}

    /** Of the requests under way the n-th, counted round. */
    record Tell(int which, boolean failed, boolean slow) implements Step {}

    record Leave(int which) implements Step {}

    /** A fast request that is told at once, so that histories are not all waiting. */
    record Whole(boolean failed) implements Step {}

    record Look() implements Step {}
  }

  @Property(tries = 2_000)
  void goesExactlyTheWayItsDocSays(
      @ForAll("histories") List<Step> history, @ForAll("policies") CellPolicy.Breaker policy) {
    FakeClock clock = new FakeClock();
    Breaker breaker = new Breaker(clock, () -> 0.5, (from, to) -> {});
    Model model = new Model(policy);
    List<UnderWay> underWay = new ArrayList<>();
    for (Step step : history) {
      switch (step) {
        case Step.Pass(int millis) -> {
          clock.advance(millis * MILLI);
          model.now += millis;
        }
        case Step.Enter() -> enter(breaker, model, policy, underWay);
        case Step.Whole(boolean failed) -> {
          if (enter(breaker, model, policy, underWay)) {
            UnderWay tickets = underWay.removeLast();
            breaker.told(tickets.ticket, policy, failed, MILLI);
            model.told(tickets.model, failed, false);
          }
        }
        case Step.Tell(int which, boolean failed, boolean slow) -> {
          if (!underWay.isEmpty()) {
            UnderWay tickets = underWay.remove(which % underWay.size());
            breaker.told(tickets.ticket, policy, failed, slow ? 1_000 * MILLI : MILLI);
            model.told(tickets.model, failed, slow);
          }
        }
        case Step.Leave(int which) -> {
          if (!underWay.isEmpty()) {
            UnderWay tickets = underWay.remove(which % underWay.size());
            breaker.untold(tickets.ticket);
            model.untold(tickets.model);
          }
        }
        case Step.Look() -> assertEquals(model.wouldWait() * -MILLI, breaker.look(policy));
      }
      assertEquals(model.state, breaker.state());
    }
    for (State state : State.values()) {
      assertEquals(
          model.visited.stream().filter(state::equals).count(), breaker.transitions(state));
    }
  }

  private static boolean enter(
      Breaker breaker, Model model, CellPolicy.Breaker policy, List<UnderWay> underWay) {
    long wait = model.wouldWait();
    long ticket = breaker.enter(policy);
    if (wait > 0) {
      assertEquals(-wait * MILLI, ticket);
      return false;
    }
    assertEquals(true, ticket >= 0);
    underWay.add(new UnderWay(ticket, model.enter()));
    return true;
  }

  /** A request: the breaker's ticket, and the model's, which are its visit and its number. */
  private record UnderWay(long ticket, Ticket model) {}

  private record Ticket(int visit, int number) {}

  /** In milliseconds; slow are answers of a second. */
  private static final class Model {
    private final CellPolicy.Breaker policy;
    private long now;
    private State state = State.CLOSED;
    private int visit;
    private final List<State> visited = new ArrayList<>();

    /** Of this visit: number of the slice, whether it failed, whether it was slow. */
    private final List<Outcome> outcomes = new ArrayList<>();

    private long closedSince;
    private long openUntil;
    private int row;
    private int succeeded;
    private int tickets;

    /** Of this visit: number of the ticket, and when it was given out. */
    private final Map<Integer, Long> places = new HashMap<>();

    private record Outcome(long slice, boolean failed, boolean slow) {}

    Model(CellPolicy.Breaker policy) {
      this.policy = policy;
    }

    /** 0: it would be admitted. */
    long wouldWait() {
      return switch (state) {
        case CLOSED -> 0;
        case OPEN -> Math.max(0, openUntil - now);
        case HALF_OPEN -> held() + succeeded < policy.trials() ? 0 : 1_000;
      };
    }

    private long held() {
      return places.values().stream()
          .filter(since -> now < since + policy.open().toMillis())
          .count();
    }

    Ticket enter() {
      if (state == State.OPEN) {
        go(State.HALF_OPEN);
      }
      tickets++;
      if (state == State.HALF_OPEN) {
        places.put(tickets, now);
      }
      return new Ticket(visit, tickets);
    }

    void untold(Ticket ticket) {
      places.remove(ticket.number);
    }

    void told(Ticket ticket, boolean failed, boolean slow) {
      if (ticket.visit != visit) {
        return;
      }
      boolean countsAsSlow = slow && !failed && !policy.slowAfter().isZero();
      if (state == State.HALF_OPEN) {
        places.remove(ticket.number);
        if (failed || countsAsSlow) {
          open();
        } else if (++succeeded == policy.trials()) {
          closedSince = now;
          go(State.CLOSED);
        }
        return;
      }
      long slice = now / (policy.window().toMillis() / 10);
      outcomes.add(new Outcome(slice, failed, countsAsSlow));
      outcomes.removeIf(outcome -> outcome.slice <= slice - 10);
      long failures = outcomes.stream().filter(Outcome::failed).count();
      long slowOnes = outcomes.stream().filter(Outcome::slow).count();
      boolean enough = outcomes.size() >= policy.minRequests();
      boolean tooMany =
          failures >= policy.failureRate() * outcomes.size()
              || (!policy.slowAfter().isZero() && slowOnes >= policy.slowRate() * outcomes.size());
      if ((failed || countsAsSlow) && enough && tooMany) {
        open();
      }
    }

    private void open() {
      if (state == State.CLOSED && now - closedSince >= policy.window().toMillis()) {
        row = 0;
      }
      long time = policy.open().toMillis();
      for (int i = 0; i < row && time < policy.openMost().toMillis(); i++) {
        time *= 2;
      }
      row++;
      openUntil = now + Math.min(time, policy.openMost().toMillis());
      go(State.OPEN);
    }

    private void go(State to) {
      state = to;
      visit++;
      visited.add(to);
      outcomes.clear();
      places.clear();
      succeeded = 0;
    }
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    Arbitrary<Integer> any = Arbitraries.integers().between(0, 1_000);
    Arbitrary<Boolean> mostly = Arbitraries.frequency(Tuple.of(2, true), Tuple.of(1, false));
    return Arbitraries.<Step>frequencyOf(
            Tuple.of(3, Arbitraries.integers().between(1, 900).map(Step.Pass::new)),
            Tuple.of(1, Arbitraries.integers().between(900, 30_000).map(Step.Pass::new)),
            Tuple.of(4, Arbitraries.just(new Step.Enter())),
            Tuple.of(6, mostly.map(Step.Whole::new)),
            Tuple.of(
                5,
                Combinators.combine(any, mostly, Arbitraries.of(true, false)).as(Step.Tell::new)),
            Tuple.of(1, any.map(Step.Leave::new)),
            Tuple.of(1, Arbitraries.just(new Step.Look())))
        .list()
        .ofMinSize(20)
        .ofMaxSize(300);
  }

  @Provide
  Arbitrary<CellPolicy.Breaker> policies() {
    return Combinators.combine(
            Arbitraries.of(1_000, 2_000, 10_000),
            Arbitraries.integers().between(1, 12),
            Arbitraries.of(0.01, 0.25, 0.5, 1.0),
            Arbitraries.of(0, 500),
            Arbitraries.of(0.25, 0.8),
            Arbitraries.of(100, 1_000),
            Arbitraries.of(1_000, 5_000),
            Arbitraries.integers().between(1, 4))
        .as(
            (window, least, failures, slowAfter, slow, open, most, trials) ->
                new CellPolicy.Breaker(
                    true,
                    Duration.ofMillis(window),
                    least,
                    failures,
                    CellPolicy.StatusRange.NONE,
                    Duration.ofMillis(slowAfter),
                    slow,
                    Duration.ofMillis(open),
                    Duration.ofMillis(most),
                    trials));
  }
}
