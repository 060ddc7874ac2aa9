package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * A limit of requests in flight that follows the cell's latency: it grows while answers take about
 * as long as they do at ease, and shrinks when they take longer, since then they queue in the cell.
 *
 * <p>The step is that of Gradient2 of Netflix's concurrency-limits: with the latency <i>short</i>
 * of the last window of samples and the one at ease, <i>long</i>, the gradient is 1.5 × long /
 * short, between ½ and 1, and the limit moves by a fifth of the way to limit × gradient + √limit.
 * It does not move while less than half of it is used: then it is not what holds the load back.
 *
 * <p>The latency at ease is a moving average over windows in which the limit was less than half
 * used; it falls at once by a twentieth when it is more than twice the present latency. While more
 * than half is used, latency is partly the limit's own doing, and the average would rise with it
 * and carry the limit to its ceiling (Gradient2 does that under load that lasts). So it may only
 * fall then; and after {@value #RELEARN} such windows, give or take a fifth, the limit goes down to
 * its floor for two windows, as Envoy's adaptive concurrency does to measure its minimum: the first
 * lets the queue drain, the latency of the second is the one at ease from then on.
 *
 * <p>Time is in nanoseconds. Samples take the lock for some tens of nanoseconds; reading the limit
 * is one volatile read.
 */
final class GradientLimit {
  /** Windows under load until the latency at ease is measured again; about a minute. */
  static final int RELEARN = 240;

  private static final long WINDOW_NANOS = 250_000_000L;
  private static final int WINDOW_SAMPLES = 10;
  private static final double START = 20;
  private static final double TOLERANCE = 1.5;
  private static final double SMOOTHING = 0.2;
  private static final double EASE_WEIGHT = 0.05;

  /** In the latter two the limit is at its floor. */
  private enum Phase {
    FOLLOWING,
    DRAINING,
    MEASURING
  }

  private final LongSupplier clock;
  private final DoubleSupplier random;

  private long windowBegan;
  private double sum;
  private int samples;
  private int mostInFlight;

  private double atEase;
  private double limit = START;
  private int windowsUnderLoad;
  private int relearnAfter;

  private Phase phase = Phase.FOLLOWING;

  private volatile int current = (int) START;

  GradientLimit(LongSupplier clock, DoubleSupplier random) {
    this.clock = clock;
    this.random = random;
    this.windowBegan = clock.getAsLong();
    this.relearnAfter = nextRelearn();
  }

  /** Requests that may be in flight, between the policy's least and most. */
  int limit(CellPolicy.Bulkhead policy) {
    return Math.clamp(current, floor(policy), policy.most());
  }

  /**
   * Takes in one exchange.
   *
   * @param inFlight when it ended, itself included
   * @param answered an exchange that broke says nothing of latency unless it took longer than at
   *     ease: a refusal comes at once
   */
  synchronized void sample(CellPolicy.Bulkhead policy, long nanos, int inFlight, boolean answered) {
    mostInFlight = Math.max(mostInFlight, inFlight);
    if (!answered && (atEase == 0 || nanos <= atEase)) {
      return;
    }
    sum += nanos;
    samples++;
    long now = clock.getAsLong();
    if (samples >= WINDOW_SAMPLES && now - windowBegan >= Math.max(WINDOW_NANOS, 2 * atEase)) {
      step(policy, Math.max(1, sum / samples));
      windowBegan = now;
      sum = 0;
      samples = 0;
      mostInFlight = 0;
    }
  }

  private void step(CellPolicy.Bulkhead policy, double latency) {
    limit = Math.clamp(limit, floor(policy), policy.most());
    switch (phase) {
      case FOLLOWING -> follow(policy, latency);
      case DRAINING -> phase = mostInFlight <= current ? Phase.MEASURING : Phase.DRAINING;
      case MEASURING -> {
        atEase = latency;
        windowsUnderLoad = 0;
        relearnAfter = nextRelearn();
        phase = Phase.FOLLOWING;
        current = (int) limit;
      }
    }
  }

  private void follow(CellPolicy.Bulkhead policy, double latency) {
    boolean underLoad = mostInFlight >= limit / 2;
    learn(latency, underLoad);
    if (!underLoad) {
      windowsUnderLoad = 0;
      return;
    }
    double gradient = Math.clamp(TOLERANCE * atEase / latency, 0.5, 1);
    double next = limit * gradient + Math.sqrt(limit);
    limit = Math.clamp(limit * (1 - SMOOTHING) + next * SMOOTHING, floor(policy), policy.most());
    if (++windowsUnderLoad >= relearnAfter) {
      phase = Phase.DRAINING;
      current = floor(policy);
    } else {
      current = (int) limit;
    }
  }

  private void learn(double latency, boolean underLoad) {
    if (atEase == 0) {
      atEase = latency;
    } else if (!underLoad || latency < atEase) {
      atEase += EASE_WEIGHT * (latency - atEase);
    }
    if (atEase > 2 * latency) {
      atEase *= 0.95;
    }
  }

  private static int floor(CellPolicy.Bulkhead policy) {
    return Math.min(policy.least(), policy.most());
  }

  private int nextRelearn() {
    return (int) (RELEARN * (0.8 + 0.4 * random.getAsDouble()));
  }
}
