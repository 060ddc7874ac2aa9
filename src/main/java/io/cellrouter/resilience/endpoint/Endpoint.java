package io.cellrouter.resilience.endpoint;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One place of a cell and what is known of it. All but the count in flight is written under the
 * lock of its {@link Endpoints} and read without it.
 */
final class Endpoint {
  private static final long KEPT_NANOS = Duration.ofMinutes(1).toNanos();

  private final Target target;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Exchanges that broke since the last that did not. */
  volatile int failuresInARow;

  volatile TimeOut timeOut = TimeOut.NONE;

  /** When it was last no longer named, by the clock of {@link Endpoints}. */
  volatile long departed;

  /**
   * The latest time during which requests go elsewhere if they can.
   *
   * @param untilNanos of the clock of {@link Endpoints}
   * @param nanos how long it was to last; 0 when there was none yet
   * @param times how many ejections in a row there have been
   * @param ejected false: spared, since no other place was available
   */
  record TimeOut(long untilNanos, long nanos, int times, boolean ejected) {
    static final TimeOut NONE = new TimeOut(0, 0, 0, false);

    boolean lasts(long now) {
      return nanos > 0 && now - untilNanos < 0;
    }
  }

  Endpoint(Target target) {
    this.target = target;
  }

  Target target() {
    return target;
  }

  boolean timedOut(long now) {
    return timeOut.lasts(now);
  }

  boolean ejected(long now) {
    TimeOut latest = timeOut;
    return latest.ejected() && latest.lasts(now);
  }

  /**
   * Whether to remember it although it is not named any more: for a minute, since names flap; while
   * exchanges with it run; and until its latest time out is over for as long as it lasted, for so
   * long it is a matter of ejections in a row. Not longer: the address may be given to another.
   */
  boolean isWorthKeeping(long now) {
    TimeOut latest = timeOut;
    return inFlight() > 0
        || now - departed < KEPT_NANOS
        || (latest.nanos() > 0 && now - latest.untilNanos() < latest.nanos());
  }

  int inFlight() {
    return inFlight.get();
  }

  void begin() {
    inFlight.incrementAndGet();
  }

  void end() {
    inFlight.decrementAndGet();
  }
}
