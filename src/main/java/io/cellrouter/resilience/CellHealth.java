package io.cellrouter.resilience;

import java.util.Locale;

/**
 * What the probes of one cell found, replaced as a whole by each probe.
 *
 * @param rounds probes finished so far
 * @param failuresInARow probes since the last healthy one
 */
public record CellHealth(Status status, long rounds, int failuresInARow) {
  /** The outcome of a probe. */
  public enum Status {
    /** Answered 2xx. */
    HEALTHY,
    /** Answered something else. */
    UNHEALTHY,
    /** Did not answer within {@code PROBE_TIMEOUT}, or could not be connected to. */
    UNREACHABLE;

    /** As it stands in {@code /health}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Before the first probe nothing is known to be reachable. */
  static final CellHealth UNKNOWN = new CellHealth(Status.UNREACHABLE, 0, 0);

  CellHealth after(Status found) {
    return new CellHealth(
        found, rounds + 1, found == Status.HEALTHY ? 0 : Math.min(failuresInARow + 1, 1_000_000));
  }
}
