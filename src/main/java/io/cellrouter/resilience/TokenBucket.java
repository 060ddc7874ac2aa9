package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A token bucket on one number: the time at which it will be full again (GCRA, the "virtual
 * scheduling" of ITU-T I.371). In any span of t seconds it gives at most {@code burst} + {@code
 * perSecond} × t tokens, both divided by the replicas that share the rate, the burst to no less
 * than one.
 *
 * <p>Rate and replicas are passed at each call and may change: what is owed is kept as time, so the
 * bucket is full again when it would have been, or after one filling at the new rate if that is
 * sooner. Lock-free; time is that of the clock, in nanoseconds, monotonic.
 */
final class TokenBucket {
  private final LongSupplier clock;
  private final long origin;

  /** Nanoseconds after {@code origin} at which the bucket is full; in the past: it is. */
  private final AtomicLong fullAt = new AtomicLong();

  /** Of some call not long ago. Immutable and compared before use, so threads may race for it. */
  private Terms latest = new Terms(CellPolicy.Rate.UNLIMITED, 1, 1, 1);

  TokenBucket(LongSupplier clock) {
    this.clock = clock;
    this.origin = clock.getAsLong();
  }

  /**
   * Takes a token if there is one.
   *
   * @return 0 when it was taken, else the nanoseconds until there is one
   */
  long take(CellPolicy.Rate rate, int replicas) {
    if (!rate.limits()) {
      return 0;
    }
    Terms terms = terms(rate, replicas);
    long interval = terms.interval();
    long size = terms.size();
    while (true) {
      long before = fullAt.get();
      // After that look: what others took by then, at this rate, fills up within `size` from now.
      long now = clock.getAsLong() - origin;
      long after = within(before, now, size) + interval;
      if (after - now <= size) {
        if (fullAt.compareAndSet(before, after)) {
          return 0;
        }
      } else if (settled(before, now, size)) {
        return after - now - size;
      }
    }
  }

  /** What {@link #take} would say, without taking. */
  long look(CellPolicy.Rate rate, int replicas) {
    if (!rate.limits()) {
      return 0;
    }
    Terms terms = terms(rate, replicas);
    long interval = terms.interval();
    long size = terms.size();
    while (true) {
      long before = fullAt.get();
      long now = clock.getAsLong() - origin;
      if (settled(before, now, size)) {
        return Math.max(0, within(before, now, size) + interval - now - size);
      }
    }
  }

  /**
   * Lets the one filling begin now if more is owed, from a slower rate: were it not written down,
   * each call would begin it anew, and nothing would be given until the old time.
   *
   * @return false when somebody else was faster, and what was read is no longer so
   */
  private boolean settled(long before, long now, long size) {
    return before - now <= size || fullAt.compareAndSet(before, now + size);
  }

  /** As it stands now, for the {@code RateLimit} fields; null without a limit. */
  RateLimit describe(String name, CellPolicy.Rate rate, int replicas) {
    if (!rate.limits()) {
      return null;
    }
    Terms terms = terms(rate, replicas);
    long interval = terms.interval();
    long size = terms.size();
    long now = clock.getAsLong() - origin;
    long missing = within(fullAt.get(), now, size) - now;
    long remaining = (size - missing) / interval;
    long untilNext = missing == 0 ? 0 : (remaining + 1) * interval - (size - missing);
    return new RateLimit(
        name, rate.perSecond() / replicas, size / interval, remaining, ceilSeconds(untilNext));
  }

  private static long within(long fullAt, long now, long size) {
    return Math.min(Math.max(fullAt, now), now + size);
  }

  /** Asked several times a request, and nearly always for the same rate. */
  private Terms terms(CellPolicy.Rate rate, int replicas) {
    Terms terms = latest;
    if (!terms.holdFor(rate, replicas)) {
      terms = Terms.of(rate, replicas);
      latest = terms;
    }
    return terms;
  }

  /**
   * @param interval nanoseconds for one token, at least 1 and at most a century
   * @param size nanoseconds that fill an empty bucket
   */
  private record Terms(CellPolicy.Rate rate, int replicas, long interval, long size) {
    static Terms of(CellPolicy.Rate rate, int replicas) {
      long interval =
          Math.clamp(
              (long) Math.ceil(1e9 * replicas / rate.perSecond()), 1L, 3_000_000_000_000_000_000L);
      double tokens = Math.max(1, rate.burst() / replicas);
      long size = Math.max(interval, (long) Math.min(tokens * interval, 3e18));
      return new Terms(rate, replicas, interval, size);
    }

    /** By hand: a record's own equals is spun at its first call, a request's in this case. */
    boolean holdFor(CellPolicy.Rate other, int sharers) {
      return replicas == sharers
          && rate.perSecond() == other.perSecond()
          && rate.burst() == other.burst();
    }
  }

  private static long ceilSeconds(long nanos) {
    return Math.ceilDiv(nanos, 1_000_000_000L);
  }
}
