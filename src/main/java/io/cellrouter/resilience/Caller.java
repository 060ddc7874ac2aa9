package io.cellrouter.resilience;

/**
 * Who asks, as far as admission looks at it.
 *
 * @param client name of the authenticated client, or {@code anonymous}
 * @param sticky what a cell's share is measured by: the same text is always on the same side of it
 * @param safe whether the request changes nothing (RFC 9110 §9.2.1)
 * @param deadlineNanos the reading of {@link System#nanoTime} after which nobody waits for an
 *     answer
 */
public record Caller(String client, String sticky, boolean safe, long deadlineNanos) {
  private static final long PATIENT = Long.MAX_VALUE;

  /** One that waits as long as it is told to. */
  public Caller(String client, String sticky, boolean safe) {
    this(client, sticky, safe, PATIENT);
  }

  /** So many nanoseconds, or what is left until the deadline. */
  long atMost(long nanos) {
    return deadlineNanos == PATIENT ? nanos : Math.min(nanos, deadlineNanos - System.nanoTime());
  }
}
