package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.support.FakeClock;
import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A cell that works on some requests at once and lets the others queue, asked through a bulkhead,
 * in the time of a fake clock: minutes pass in milliseconds, the same way each time.
 */
final class SimulatedCell {
  private final FakeClock clock;
  private final Bulkhead bulkhead;
  private final CellPolicy.Bulkhead policy;
  private final Random random = new Random(1);

  /** When each of the cell's workers is free, in microseconds. */
  private long[] free;

  private long serviceMicros;
  private long now;
  private final PriorityQueue<long[]> ends =
      new PriorityQueue<>((a, b) -> Long.compare(a[0], b[0]));

  SimulatedCell(CellPolicy.Bulkhead policy, int workers, long serviceMicros) {
    this.clock = new FakeClock();
    this.bulkhead = new Bulkhead(clock, () -> 0.5);
    this.policy = policy;
    become(workers, serviceMicros);
  }

  /** From now on it is another machine. */
  void become(int workers, long micros) {
    free = new long[workers];
    Arrays.fill(free, now);
    serviceMicros = micros;
  }

  int limit() {
    return bulkhead.limit(policy);
  }

  /**
   * @param p99 of the answers' latency, in multiples of the time the cell works on one
   */
  record Run(int answered, int refused, double p99, int leastLimit, int mostLimit) {}

  /** Requests come at random, so many a second on average; those refused do not come again. */
  Run run(int seconds, double perSecond) {
    long end = now + seconds * 1_000_000L;
    int refused = 0;
    int least = Integer.MAX_VALUE;
    int most = 0;
    double[] latencies = new double[1 << 20];
    int answered = 0;
    while (now < end) {
      long next = now + (long) (-Math.log(1 - random.nextDouble()) * 1_000_000 / perSecond);
      while (!ends.isEmpty() && ends.peek()[0] <= next) {
        long[] done = ends.poll();
        goTo(done[0]);
        bulkhead.learn(policy, (done[0] - done[1]) * 1_000, true);
        bulkhead.leave();
        latencies[answered++] = (done[0] - done[1]) / (double) serviceMicros;
      }
      goTo(next);
      least = Math.min(least, limit());
      most = Math.max(most, limit());
      if (bulkhead.enter(policy, new Caller("a", "a", false))) {
        ends.add(new long[] {finished(), now});
      } else {
        refused++;
      }
    }
    Arrays.sort(latencies, 0, answered);
    double p99 = answered == 0 ? 0 : latencies[(int) (answered * 0.99)];
    return new Run(answered, refused, p99, least, most);
  }

  private long finished() {
    int first = 0;
    for (int i = 1; i < free.length; i++) {
      first = free[i] < free[first] ? i : first;
    }
    // Half of the time is the same for all, the other half differs.
    long work = (long) (serviceMicros * (0.5 + random.nextDouble()));
    free[first] = Math.max(free[first], now) + work;
    return free[first];
  }

  private void goTo(long micros) {
    clock.advance((micros - now) * 1_000);
    now = micros;
  }
}
