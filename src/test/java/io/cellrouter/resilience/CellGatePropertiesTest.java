package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.config.CellPolicy.Rate;
import io.cellrouter.support.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CellGatePropertiesTest {
  /** What happens next; numbers choose among what is under way, counted round. */
  sealed interface Step {
    record Ask(int client, int share) implements Step {}

    record End(int which, int how) implements Step {}

    record Retry() implements Step {}

    record RetryEnds() implements Step {}

    record Pass(int millis) implements Step {}

    /** The policy changes under everything that is under way. */
    record Reload(int most, boolean rates, boolean adaptive) implements Step {}
  }

  @Property(tries = 1_000)
  void whatGoesInComesOutAndNoLimitIsExceeded(@ForAll("histories") List<Step> history) {
    FakeClock clock = new FakeClock();
    CellGate gate = new CellGate(clock, () -> 0.5, () -> 1, (from, to) -> {});
    CellPolicy policy = policy(8, false, false);
    List<Admission.Permit> permits = new ArrayList<>();
    int retries = 0;
    for (Step step : history) {
      switch (step) {
        case Step.Pass(int millis) -> clock.advance(Duration.ofMillis(millis));
        case Step.Reload(int most, boolean rates, boolean adaptive) ->
            policy = policy(most, rates, adaptive);
        case Step.Ask(int client, int share) -> {
          Cell cell = Policies.cell(CellConfig.CellState.ACTIVE, share, policy);
          Caller caller = new Caller("client-" + client, "client-" + client, false);
          boolean foreseen = gate.refusal(cell, caller).isEmpty();
          switch (gate.admit(cell, caller)) {
            case Admission.Admitted admitted -> {
              assertTrue(foreseen, "refusal() foresaw otherwise");
              permits.add(admitted.permit());
              assertTrue(permits.size() <= gate.limit(cell), "above the limit");
            }
            case Admission.Refused refused -> {
              assertTrue(!foreseen, "refusal() foresaw otherwise: " + refused.reason());
              assertTrue(refused.retryAfter().toSeconds() >= 1);
            }
          }
        }
        case Step.End(int which, int how) -> {
          if (!permits.isEmpty()) {
            end(permits.remove(which % permits.size()), how);
          }
        }
        case Step.Retry() -> {
          int most = Math.max(3, permits.size() / 5);
          boolean taken = gate.retries().tryTake(policy.retry());
          assertEquals(retries < most, taken);
          retries += taken ? 1 : 0;
        }
        case Step.RetryEnds() -> {
          if (retries > 0) {
            gate.retries().give();
            retries--;
          }
        }
      }
      assertEquals(permits.size(), gate.inFlight());
      assertEquals(retries, gate.retriesUnderWay());
    }
    permits.forEach(Admission.Permit::close);
    assertEquals(0, gate.inFlight());
    recovers(gate, clock);
  }

  /** Whatever happened, nothing is stuck: a cell that is well again is served again. */
  private static void recovers(CellGate gate, FakeClock clock) {
    Cell cell = Policies.cell(policy(8, false, false));
    clock.advance(Duration.ofMinutes(2));
    for (int i = 0; i < 10; i++) {
      Admission admission = gate.admit(cell, new Caller("a", "a", false));
      try (Admission.Permit permit =
          assertInstanceOf(Admission.Admitted.class, admission).permit()) {
        permit.answered(200, 1);
      }
    }
    assertEquals(Breaker.State.CLOSED, gate.breakerState());
  }

  private static void end(Admission.Permit permit, int how) {
    switch (how) {
      case 0 -> permit.answered(200, 1_000_000);
      case 1 -> permit.failed(1_000_000);
      case 2 -> permit.answered(503, 150_000_000);
      default -> {} // Untold: the client went away.
    }
    permit.close();
    permit.close();
  }

  private static CellPolicy policy(int most, boolean rates, boolean adaptive) {
    CellPolicy plain = Policies.of(Policies.breaker());
    CellPolicy.Bulkhead bulkhead =
        adaptive ? Policies.adaptive(Math.min(4, most), most) : Policies.bulkhead(most);
    return new CellPolicy(
        bulkhead,
        plain.breaker(),
        plain.retry(),
        plain.ejection(),
        rates ? new Rate(20, 10) : Rate.UNLIMITED,
        rates ? new Rate(10, 3) : Rate.UNLIMITED);
  }

  @Property(tries = 2_000)
  void aGrowingShareOnlyAddsClients(
      @ForAll String sticky,
      @ForAll @Size(min = 1, max = 10) String cellId,
      @ForAll @IntRange(min = 0, max = 99) int percent) {
    if (Share.admits(percent, cellId, sticky)) {
      assertTrue(Share.admits(percent + 1, cellId, sticky));
    }
    assertEquals(
        Share.place(cellId, sticky) < percent * 100, Share.admits(percent, cellId, sticky));
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    Arbitrary<Integer> any = Arbitraries.integers().between(0, 1_000);
    return Arbitraries.<Step>frequencyOf(
            Tuple.of(
                10,
                Combinators.combine(
                        Arbitraries.integers().between(0, 4), Arbitraries.of(100, 100, 100, 50))
                    .as(Step.Ask::new)),
            Tuple.of(
                8, Combinators.combine(any, Arbitraries.of(0, 0, 0, 1, 2, 3)).as(Step.End::new)),
            Tuple.of(3, Arbitraries.just(new Step.Retry())),
            Tuple.of(2, Arbitraries.just(new Step.RetryEnds())),
            Tuple.of(3, Arbitraries.integers().between(0, 1_500).map(Step.Pass::new)),
            Tuple.of(
                1,
                Combinators.combine(
                        Arbitraries.of(1, 2, 8, 40),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false))
                    .as(Step.Reload::new)))
        .list()
        .ofMinSize(20)
        .ofMaxSize(400);
  }
}
