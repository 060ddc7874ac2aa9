package io.cellrouter.resilience.endpoint;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * One place of a cell and what is known of it. All but the count in flight is written under the
 * lock of its {@link Endpoints} and read without it.
 */
final class Endpoint {
  private final Target target;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Exchanges that broke since the last that did not. */
  volatile int failuresInARow;

  volatile TimeOut timeOut = TimeOut.NONE;

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
