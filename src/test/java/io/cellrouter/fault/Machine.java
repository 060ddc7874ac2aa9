package io.cellrouter.fault;

import java.time.Duration;

/**
 * How this machine treated a trial.
 *
 * @param late how late the load was sent at most
 * @param others share of the CPUs that neither the test nor the router took, from 0 to 1
 * @param router share of the CPUs that the router took
 */
record Machine(Duration late, double others, double router) {
  /**
   * A machine that stands still for so long spoils the whole trial: the burst after it is longer
   * than {@code CONNECT_TIMEOUT} lets a connection wait.
   */
  private static final Duration STANDSTILL = Duration.ofMillis(300);

  /** A router that takes this much makes the load late by itself, and that is not forgiven. */
  private static final double GREEDY = 0.6;

  /**
   * A machine of whose CPUs others took such a share spoils it too: a thread of the router that has
   * to wait for its turn while it holds a lock, in the JDK's client for instance, then holds up all
   * the requests of a cell for seconds. The load itself, which sleeps most of the time, gets its
   * turn at once and does not notice.
   */
  private static final double CROWDED = 0.25;

  /** Whether a trial that failed on it says nothing of the router. */
  boolean disturbed() {
    return others > CROWDED || (late.compareTo(STANDSTILL) > 0 && router < GREEDY);
  }

  @Override
  public String toString() {
    return "the load stood still for %d ms, others took %.0f %% of the CPUs, the router %.0f %%"
        .formatted(late.toMillis(), 100 * others, 100 * router);
  }
}
