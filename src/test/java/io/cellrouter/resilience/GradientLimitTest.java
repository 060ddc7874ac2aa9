package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.FakeClock;
import org.junit.jupiter.api.Test;

/** The cell has twenty workers of 50 ms, so it can do 400 requests a second. */
class GradientLimitTest {
  private static final int CAPACITY = 400;

  private final SimulatedCell cell = new SimulatedCell(Policies.adaptive(4, 1_000), 20, 50_000);

  @Test
  void atTwiceTheCapacityTheCellIsKeptBusyAndItsQueueShort() {
    cell.run(60, 2 * CAPACITY);
    SimulatedCell.Run run = cell.run(60, 2 * CAPACITY);
    assertTrue(run.answered() > 60 * CAPACITY * 0.95, run + "");
    assertTrue(run.p99() < 4, run + "");
  }

  @Test
  void overloadThatLastsDoesNotCarryItAway() {
    cell.run(1_800, 2 * CAPACITY);
    SimulatedCell.Run run = cell.run(120, 2 * CAPACITY);
    assertTrue(run.mostLimit() < 80, run + "");
    assertTrue(run.answered() > 120 * CAPACITY * 0.95, run + "");
  }

  @Test
  void nobodyIsRefusedAtHalfTheCapacity() {
    SimulatedCell.Run run = cell.run(120, 0.5 * CAPACITY);
    assertTrue(run.refused() < run.answered() / 1_000, run + "");
  }

  @Test
  void aCellThatLosesItsWorkersGetsLessAtOnceAndMoreWhenTheyAreBack() {
    cell.run(60, 2 * CAPACITY);
    int before = cell.limit();
    cell.become(2, 50_000);
    cell.run(20, 2 * CAPACITY);
    int during = cell.limit();
    assertTrue(during < before / 2, before + " before, " + during + " during");
    cell.become(20, 50_000);
    SimulatedCell.Run after = cell.run(60, 2 * CAPACITY);
    assertTrue(after.answered() > 60 * CAPACITY * 0.85, after + "");
  }

  @Test
  void aCellThatBecomesSlowerForGoodIsUnderstoodSoon() {
    cell.run(60, 2 * CAPACITY);
    cell.become(20, 200_000);
    cell.run(120, 2 * CAPACITY);
    SimulatedCell.Run run = cell.run(120, 2 * CAPACITY);
    assertTrue(run.answered() > 120 * CAPACITY / 4 * 0.9, run + "");
  }

  @Test
  void staysBetweenFloorAndCeiling() {
    SimulatedCell narrow = new SimulatedCell(Policies.adaptive(10, 30), 200, 50_000);
    assertEquals(30, narrow.run(90, 10_000).mostLimit());
    narrow.become(1, 50_000);
    narrow.run(30, 1_000);
    assertEquals(10, narrow.limit());
  }

  /** No exchange ends in between, so nothing could be learnt. */
  @Test
  void otherBoundsHoldForTheNextRequest() {
    FakeClock clock = new FakeClock();
    GradientLimit limit = new GradientLimit(clock, () -> 0.5);
    assertEquals(20, limit.limit(Policies.adaptive(4, 1_000)));
    assertEquals(8, limit.limit(Policies.adaptive(4, 8)));
    assertEquals(30, limit.limit(Policies.adaptive(30, 1_000)));
  }

  @Test
  void quickFailuresDoNotPassForQuickAnswers() {
    FakeClock clock = new FakeClock();
    GradientLimit limit = new GradientLimit(clock, () -> 0.5);
    for (int i = 0; i < 2_000; i++) {
      clock.advance(5_000_000);
      limit.sample(Policies.adaptive(4, 1_000), 50_000_000, 20, true);
      limit.sample(Policies.adaptive(4, 1_000), 10_000, 20, false);
    }
    int mixed = limit.limit(Policies.adaptive(4, 1_000));
    assertTrue(mixed >= 20, "fell to " + mixed);
  }
}
