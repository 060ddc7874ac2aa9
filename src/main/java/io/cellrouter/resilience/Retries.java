package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/** Never more under way than {@code max(budgetLeast, ⌊budget × in flight⌋)}, back-off included. */
final class Retries implements RetryBudget {
  private final IntSupplier inFlight;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param inFlight requests to the cell, those that are being repeated included
   */
  Retries(IntSupplier inFlight) {
    this.inFlight = inFlight;
  }

  @Override
  public boolean tryTake(CellPolicy.Retry policy) {
    int most = Math.max(policy.budgetLeast(), (int) (policy.budget() * inFlight.getAsInt()));
    int now = underWay.get();
    while (now < most) {
      int seen = underWay.compareAndExchange(now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  @Override
  public void give() {
    underWay.decrementAndGet();
  }

  int underWay() {
    return underWay.get();
  }
}
