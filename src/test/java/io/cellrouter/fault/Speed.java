package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How fast requests were, in milliseconds.
 *
 * <p>The machine is small and shared, so a single pause of a neighbour must not decide: time is cut
 * into windows of a second by when requests were due, and the window in the middle counts. What a
 * fault does to the others it does all the time, so it shows in every window.
 *
 * @param median of the windows' medians
 * @param p99 median of the windows' 99th percentiles
 */
record Speed(double median, double p99) {
  private static final long WINDOW = 1_000_000_000L;

  /** Windows with less, at the edges, say nothing of a 99th percentile. */
  private static final int LEAST = 20;

  /** Nobody was answered, or too few to tell. */
  private static final Speed NEVER = new Speed(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  static Speed of(List<Shot> shots) {
    long start = shots.stream().mapToLong(Shot::due).min().orElse(0);
    Map<Long, List<Shot>> windows =
        shots.stream().collect(Collectors.groupingBy(shot -> (shot.due() - start) / WINDOW));
    List<double[]> sorted =
        windows.values().stream()
            .filter(window -> window.size() >= LEAST)
            .map(window -> window.stream().mapToDouble(Shot::millis).sorted().toArray())
            .toList();
    if (sorted.isEmpty()) {
      return NEVER;
    }
    return new Speed(
        middle(sorted.stream().mapToDouble(window -> at(window, 0.5)).sorted().toArray()),
        middle(sorted.stream().mapToDouble(window -> at(window, 0.99)).sorted().toArray()));
  }

  private static double at(double[] sorted, double share) {
    return sorted[(int) Math.ceil(sorted.length * share) - 1];
  }

  private static double middle(double[] sorted) {
    return sorted[sorted.length / 2];
  }

  /**
   * The definition of noise. Runs of the same load without any fault, one after the other on two
   * busy cores, differ by up to a factor of three in their p99; what a fault could do to others (a
   * wait for a lock, a pool or a thread that the cell in trouble holds) is in the order of its
   * deadline, hundreds of milliseconds.
   */
  boolean isAsGoodAs(Speed without) {
    return !without.equals(NEVER)
        && p99 <= 3 * without.p99 + 25
        && median <= 2 * without.median + 5;
  }

  void assertAsGoodAs(Speed without) {
    assertTrue(isAsGoodAs(without), () -> "slower: p99 " + without + " → " + this);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.1f (median %.1f) ms", p99, median);
  }
}
