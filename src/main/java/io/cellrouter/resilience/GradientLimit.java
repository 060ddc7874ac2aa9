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
 * its floor, as Envoy's adaptive concurrency does to measure its minimum. It is let up again by two
 * windows, throughout which no more than the floor were in flight: the first lets the queue drain,
 * the latency of the second is the one at ease from then on. The first time it is measured after a
 * tenth of that, since nothing is known of the load under which the average began.
 *
 * <p>A cell that hangs just then must not pass for one that is slow at ease, since that would take
 * the limit to its ceiling. The two models have little against that: Gradient2 pays no heed to
 * drops and moves by a three-hundredth of the way to any latency; Envoy believes the median of the
 * next 50 exchanges as it is. Here
 *
 * <ul>
 *   <li>an exchange that broke never raises the latency at ease; while it is measured only answers
 *       count, so that a cell which gives none keeps the limit at its floor;
 *   <li>one window raises it by half at most. When it was measured to be more than that, it is
 *       measured again, until a window agrees: a stall is over by then, and a cell that is slower
 *       for good is believed after some windows more;
 *   <li>while the limit moves no window asks for more than a second, as in Gradient2's windows,
 *       whatever the latency at ease is thought to be. While it is measured they last as long as
 *       two exchanges at ease: one that had queued before has ended by then. (Envoy leaves out
 *       exchanges that began before, which prefers the short ones.)
 * </ul>
 *
 * <p>The policy comes with each request, and those before a reload end after it. So nothing that
 * depends on it is kept: at the floor means the floor of whoever asks.
 *
 * <p>Time is in nanoseconds. Samples take the lock for some tens of nanoseconds; reading the limit
 * is one volatile read.
 */
final class GradientLimit {
  /** Windows under load until the latency at ease is measured again: one to four minutes. */
  static final int RELEARN = 240;

  private static final long WINDOW_NANOS = 250_000_000L;
  private static final long LONGEST_NANOS = 1_000_000_000L;
  private static final int WINDOW_SAMPLES = 10;
  private static final double START = 20;
  private static final double TOLERANCE = 1.5;
  private static final double SMOOTHING = 0.2;
  private static final double EASE_WEIGHT = 0.05;

  /** Below any floor, so that the policy's counts. */
  private static final int AT_FLOOR = 0;

  /** In the latter two the limit is {@link #AT_FLOOR}. */
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
  private boolean sawBroken;

  /** The mean of windows; 0: no window has ended yet. */
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
    this.relearnAfter = nextRelearn() / 10;
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
    if (!answered && (phase == Phase.MEASURING || atEase == 0 || nanos <= atEase)) {
      return;
    }
    sawBroken |= !answered;
    sum += nanos;
    samples++;
    long now = clock.getAsLong();
    if (samples >= WINDOW_SAMPLES && now - windowBegan >= leastNanos()) {
      step(policy, Math.max(1, sum / samples));
      windowBegan = now;
      sum = 0;
      samples = 0;
      mostInFlight = 0;
      sawBroken = false;
    }
  }

  private double leastNanos() {
    double two = Math.max(WINDOW_NANOS, 2 * atEase);
    return phase == Phase.FOLLOWING ? Math.min(two, LONGEST_NANOS) : two;
  }

  private void step(CellPolicy.Bulkhead policy, double latency) {
    limit = Math.clamp(limit, floor(policy), policy.most());
    switch (phase) {
      case FOLLOWING -> follow(policy, latency);
      case DRAINING -> phase = mostInFlight <= limit(policy) ? Phase.MEASURING : Phase.DRAINING;
      case MEASURING -> measure(policy, latency);
    }
    // Also when only the policy has moved it: else half of it would never be used again.
    current = phase == Phase.FOLLOWING ? (int) limit : AT_FLOOR;
  }

  private void measure(CellPolicy.Bulkhead policy, double latency) {
    if (mostInFlight > limit(policy)) {
      phase = Phase.DRAINING; // The policy was another one, or for a while none.
    } else if (latency > TOLERANCE * atEase) {
      atEase *= TOLERANCE;
    } else {
      atEase = latency;
      windowsUnderLoad = 0;
      relearnAfter = nextRelearn();
      phase = Phase.FOLLOWING;
    }
  }

  private void follow(CellPolicy.Bulkhead policy, double latency) {
    boolean underLoad = mostInFlight >= limit / 2;
    learn(latency, !underLoad && !sawBroken);
    if (!underLoad) {
      windowsUnderLoad = 0;
      return;
    }
    double gradient = Math.clamp(TOLERANCE * atEase / latency, 0.5, 1);
    double next = limit * gradient + Math.sqrt(limit);
    limit = Math.clamp(limit * (1 - SMOOTHING) + next * SMOOTHING, floor(policy), policy.most());
    if (++windowsUnderLoad >= relearnAfter) {
      phase = Phase.DRAINING;
    }
  }

  private void learn(double latency, boolean mayRise) {
    if (atEase == 0) {
      atEase = latency;
    } else if (mayRise || latency < atEase) {
      atEase += EASE_WEIGHT * (Math.min(latency, 2 * atEase) - atEase);
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
