package io.cellrouter.resilience;

import java.util.Arrays;

/**
 * Outcomes of the last while, counted in {@value #SLICES} slices: the present one and the nine
 * before it, so between nine tenths of the window and the whole. Not thread-safe.
 */
final class OutcomeWindow {
  static final int SLICES = 10;

  private final long origin;
  private final long[] number = new long[SLICES];
  private final int[] total = new int[SLICES];
  private final int[] failures = new int[SLICES];
  private final int[] slow = new int[SLICES];
  private long sliceNanos = 1;
  private long newest;

  /**
   * @param now any reading of the monotonic clock that is not later than those to come
   */
  OutcomeWindow(long now) {
    this.origin = now;
  }

  /**
   * @param windowNanos when it is not what it was the last time, everything counted is dropped
   */
  void add(long now, long windowNanos, boolean failed, boolean wasSlow) {
    long slice = Math.max(1, windowNanos / SLICES);
    if (slice != sliceNanos) {
      clear();
      sliceNanos = slice;
      newest = 0;
    }
    // Two threads may read the clock in one order and come here in the other.
    newest = Math.max(newest, (now - origin) / slice);
    int at = (int) (newest % SLICES);
    if (number[at] != newest) {
      number[at] = newest;
      total[at] = 0;
      failures[at] = 0;
      slow[at] = 0;
    }
    total[at]++;
    failures[at] += failed ? 1 : 0;
    slow[at] += wasSlow ? 1 : 0;
  }

  void clear() {
    Arrays.fill(total, 0);
    Arrays.fill(failures, 0);
    Arrays.fill(slow, 0);
  }

  /** As of the last {@link #add}, like the others. */
  int total() {
    return sum(total);
  }

  int failures() {
    return sum(failures);
  }

  int slow() {
    return sum(slow);
  }

  private int sum(int[] counts) {
    int sum = 0;
    for (int i = 0; i < SLICES; i++) {
      sum += newest - number[i] < SLICES ? counts[i] : 0;
    }
    return sum;
  }
}
