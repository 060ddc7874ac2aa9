package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;

/**
 * How many second attempts a cell may have under way, so that retries cannot multiply the load of a
 * cell in trouble. One in back-off counts like one that is being sent.
 */
public interface RetryBudget {
  /** Takes one retry out of the budget; {@link #give} has to follow a success. */
  boolean tryTake(CellPolicy.Retry policy);

  /** A retry has ended, however. */
  void give();
}
