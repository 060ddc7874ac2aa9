package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  private final ByteBudget budget = new ByteBudget(100_000);

  @Test
  void takesAllOrNothingAndGivesItBack() {
    assertTrue(budget.tryTake(60_000));
    assertFalse(budget.tryTake(60_000));
    assertTrue(budget.tryTake(40_000));
    budget.give(60_000);
    assertTrue(budget.tryTake(60_000));
  }

  @Test
  void largeBodiesDoNotKeepSmallOnesOut() {
    assertTrue(budget.tryTake(100_000));
    assertTrue(budget.tryTake(ByteBudget.SMALL));
    budget.give(ByteBudget.SMALL);
    assertFalse(budget.tryTake(ByteBudget.SMALL + 1));
  }
}
