package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.resilience.Breaker.State;
import io.cellrouter.support.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The breaker beside a second one, written from its doc alone, for any history. */
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

    /** A reload: requests under way keep the policy they came with. */
    record Reload(CellPolicy.Breaker policy) implements Step {}

    /** What chance says from now on, from 0 to 1. */
    record Chance(double says) implements Step {}

    /** Its address changes. */
    record Forget() implements Step {}
  }

  @Property(tries = 2_000)
  void goesExactlyTheWayItsDocSays(
      @ForAll("histories") List<Step> history,
      @ForAll("policies") CellPolicy.Breaker first,
      @ForAll boolean windowStays) {
    FakeClock clock = new FakeClock();
    double[] chance = {0.5};
    Breaker breaker = new Breaker(clock, () -> chance[0], (from, to) -> {});
    Model model = new Model();
    CellPolicy.Breaker policy = first;
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
            model.told(tickets.model, policy, failed, false);
          }
        }
        case Step.Tell(int which, boolean failed, boolean slow) -> {
          if (!underWay.isEmpty()) {
            UnderWay tickets = underWay.remove(which % underWay.size());
            breaker.told(tickets.ticket, tickets.policy, failed, slow ? 1_000 * MILLI : MILLI);
            model.told(tickets.model, tickets.policy, failed, slow);
          }
        }
        case Step.Leave(int which) -> {
          if (!underWay.isEmpty()) {
            UnderWay tickets = underWay.remove(which % underWay.size());
            breaker.untold(tickets.ticket);
            model.untold(tickets.model);
          }
        }
        case Step.Look() -> assertEquals(-model.wouldWait(policy), breaker.look(policy));
        case Step.Reload(CellPolicy.Breaker next) ->
            policy = windowStays ? with(next, next.enabled(), policy.window()) : next;
        case Step.Chance(double says) -> {
          chance[0] = says;
          model.chance = says;
        }
        case Step.Forget() -> {
          breaker.forget();
          model.forget();
        }
      }
      assertEquals(model.state, breaker.state());
      for (UnderWay each : underWay) {
        assertEquals(model.stillAdmits(each.model), breaker.stillAdmits(each.ticket));
      }
    }
    for (State state : State.values()) {
      assertEquals(
          model.visited.stream().filter(state::equals).count(), breaker.transitions(state));
    }
  }

  private static boolean enter(
      Breaker breaker, Model model, CellPolicy.Breaker policy, List<UnderWay> underWay) {
    long wait = model.wouldWait(policy);
    long ticket = breaker.enter(policy);
    if (wait > 0) {
      assertEquals(-wait, ticket);
      return false;
    }
    assertEquals(true, ticket >= 0);
    underWay.add(new UnderWay(ticket, policy, model.enter(policy)));
    return true;
  }

  /** A request: the breaker's ticket, and the model's, which are its visit and its number. */
  private record UnderWay(long ticket, CellPolicy.Breaker policy, Ticket model) {}

  private record Ticket(int visit, int number, boolean counts) {}

  /**
   * In milliseconds, but for what is left of the open time; slow are answers of a second. It counts
   * by itself as long as every outcome came with the same window; after that it asks a window of
   * the real kind, which has properties of its own ({@link OutcomeWindowPropertiesTest}).
   */
  private static final class Model {
    private double chance = 0.5;
    private long now;
    private State state = State.CLOSED;
    private int visit;
    private final List<State> visited = new ArrayList<>();

    /** Of this visit. */
    private final List<Outcome> outcomes = new ArrayList<>();

    private final OutcomeWindow mixed = new OutcomeWindow(0);
    private final Set<Duration> windows = new HashSet<>();

    private long closedSince;
    private long openUntil;
    private int row;
    private int succeeded;
    private int tickets;

    /** Of this visit: number of the ticket, and when it was given out. */
    private final Map<Integer, Long> places = new HashMap<>();

    private record Outcome(long slice, boolean failed, boolean slow) {}

    private record Counts(long total, long failures, long slow) {}

    /** Nanoseconds; 0: it would be admitted. */
    long wouldWait(CellPolicy.Breaker policy) {
      if (!policy.enabled()) {
        return 0;
      }
      return switch (state) {
        case CLOSED -> 0;
        case OPEN -> Math.max(0, openUntil - now * MILLI);
        case HALF_OPEN ->
            succeeded >= policy.trials() || held(policy) + succeeded < policy.trials()
                ? 0
                : 1_000 * MILLI;
      };
    }

    /** Whoever has held a place for too long has lost it for good. */
    private int held(CellPolicy.Breaker policy) {
      places.values().removeIf(since -> now >= since + policy.open().toMillis());
      return places.size();
    }

    Ticket enter(CellPolicy.Breaker policy) {
      tickets++;
      if (!policy.enabled()) {
        if (state != State.CLOSED) {
          close();
        }
        return new Ticket(visit, tickets, false);
      }
      if (state == State.OPEN) {
        go(State.HALF_OPEN);
      } else if (state == State.HALF_OPEN && succeeded >= policy.trials()) {
        close();
      }
      if (state == State.HALF_OPEN) {
        places.put(tickets, now);
      }
      return new Ticket(visit, tickets, true);
    }

    boolean stillAdmits(Ticket ticket) {
      return !ticket.counts || state == State.CLOSED || places.containsKey(ticket.number);
    }

    void forget() {
      row = 0;
      if (state == State.CLOSED) {
        clear();
      } else {
        close();
      }
    }

    void untold(Ticket ticket) {
      places.remove(ticket.number);
    }

    void told(Ticket ticket, CellPolicy.Breaker policy, boolean failed, boolean slow) {
      if (!ticket.counts || ticket.visit != visit) {
        return;
      }
      boolean countsAsSlow = slow && !failed && !policy.slowAfter().isZero();
      if (state == State.HALF_OPEN) {
        places.remove(ticket.number);
        if (failed || countsAsSlow) {
          open(policy);
        } else if (++succeeded >= policy.trials()) {
          close();
        }
        return;
      }
      Counts counts = count(policy, failed, countsAsSlow);
      boolean tooMany =
          counts.failures >= policy.failureRate() * counts.total
              || (!policy.slowAfter().isZero() && counts.slow >= policy.slowRate() * counts.total);
      if ((failed || countsAsSlow) && counts.total >= policy.minRequests() && tooMany) {
        open(policy);
      }
    }

    private Counts count(CellPolicy.Breaker policy, boolean failed, boolean slow) {
      long slice = now / (policy.window().toMillis() / 10);
      outcomes.add(new Outcome(slice, failed, slow));
      mixed.add(now * MILLI, policy.window().toNanos(), failed, slow);
      windows.add(policy.window());
      if (windows.size() > 1) {
        return new Counts(mixed.total(), mixed.failures(), mixed.slow());
      }
      outcomes.removeIf(outcome -> outcome.slice <= slice - 10);
      return new Counts(
          outcomes.size(),
          outcomes.stream().filter(Outcome::failed).count(),
          outcomes.stream().filter(Outcome::slow).count());
    }

    private void open(CellPolicy.Breaker policy) {
      if (state == State.CLOSED && now - closedSince >= policy.window().toMillis()) {
        row = 0;
      }
      long time = policy.open().toMillis();
      for (int i = 0; i < row && time < policy.openMost().toMillis(); i++) {
        time *= 2;
      }
      row++;
      long nanos = Math.min(time, policy.openMost().toMillis()) * MILLI;
      openUntil = now * MILLI + (long) (nanos * (0.8 + 0.4 * chance));
      go(State.OPEN);
    }

    private void close() {
      closedSince = now;
      go(State.CLOSED);
    }

    private void go(State to) {
      state = to;
      visited.add(to);
      clear();
    }

    private void clear() {
      visit++;
      outcomes.clear();
      mixed.clear();
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
            Tuple.of(1, Arbitraries.just(new Step.Look())),
            Tuple.of(1, policies().map(Step.Reload::new)),
            Tuple.of(1, Arbitraries.of(0.0, 0.25, 0.5, 0.75, 1.0).map(Step.Chance::new)),
            Tuple.of(1, Arbitraries.just(new Step.Forget())))
        .list()
        .ofMinSize(20)
        .ofMaxSize(300);
  }

  @Provide
  Arbitrary<CellPolicy.Breaker> policies() {
    Arbitrary<CellPolicy.Breaker> on =
        Combinators.combine(
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
    return Combinators.combine(on, Arbitraries.frequency(Tuple.of(6, true), Tuple.of(1, false)))
        .as((policy, enabled) -> with(policy, enabled, policy.window()));
  }

  private static CellPolicy.Breaker with(
      CellPolicy.Breaker policy, boolean enabled, Duration window) {
    return new CellPolicy.Breaker(
        enabled,
        window,
        policy.minRequests(),
        policy.failureRate(),
        policy.failureStatuses(),
        policy.slowAfter(),
        policy.slowRate(),
        policy.open(),
        policy.openMost(),
        policy.trials());
  }
}
