package io.cellrouter.lifecycle;

import io.cellrouter.config.RouterConfig;
import java.time.Duration;

/**
 * A good configuration that could not be put in force: for want of memory or descriptors, say,
 * which may be there a moment later although the file stays as it is. It is tried again at the next
 * look, then after 2 s, 4 s and so on up to a minute, since each try may itself use up what is
 * short.
 *
 * @param before what was in force at the first try
 * @param pause before the next try; none before the first
 * @param dueNanos when that is, by the monotonic clock
 */
record Postponed(RouterConfig config, RouterConfig before, Duration pause, long dueNanos) {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** After the first try failed. */
  static Postponed first(RouterConfig config, RouterConfig before, long nanos) {
    return new Postponed(config, before, Duration.ZERO, nanos);
  }

  /** After one more failed. */
  Postponed again(long nanos) {
    Duration twice = pause.isZero() ? Reloader.INTERVAL.multipliedBy(2) : pause.multipliedBy(2);
    Duration next = twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
    return new Postponed(config, before, next, nanos + next.toNanos());
  }

  boolean isDue(long nanos) {
    return nanos - dueNanos >= 0;
  }
}
