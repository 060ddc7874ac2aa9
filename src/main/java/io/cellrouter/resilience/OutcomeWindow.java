package io.cellrouter.resilience;

import java.util.Arrays;

/**
 * Outcomes of the last while, counted in at most {@value #SLICES} slices of a tenth of the window:
 * the present one and the nine before it, so between nine tenths of the window and the whole. Not
 * thread-safe.
 *
 * <p>The length of the window comes with each outcome, and nothing is dropped when it is another
 * one: for as long as requests are under way that were admitted before a reload, their outcomes
 * come with the old length, in between those with the new one. Each slice knows when it began, and
 * who asks adds up those of the time asked for. Of a window that has just grown only as much is
 * known as was kept for the shorter one; after one that has just shrunk the outcomes of the long
 * slice then under way are forgotten with it, once.
 */
final class OutcomeWindow {
  static final int SLICES = 10;

  private final long origin;

  /** Since the origin, in nanoseconds; rising from the slice after the present one, around. */
  private final long[] began = new long[SLICES];

  private final int[] total = new int[SLICES];
  private final int[] failures = new int[SLICES];
  private final int[] slow = new int[SLICES];
  private int present;

  /** What is added up: the slices that began less than {@code SLICES} such ones before that. */
  private long sliceNanos = 1;

  private long newest;

  /**
   * @param now any reading of the monotonic clock that is not later than those to come
   */
  OutcomeWindow(long now) {
    this.origin = now;
  }

  /**
   * @param windowNanos also the time that is added up until the next outcome
   */
  void add(long now, long windowNanos, boolean failed, boolean wasSlow) {
    sliceNanos = Math.max(1, windowNanos / SLICES);
    // Two threads may read the clock in one order and come here in the other: not before `began`.
    long begins = (now - origin) / sliceNanos * sliceNanos;
    // Not sooner than a slice after the last, or two lengths in turn would use the slices up.
    if (begins - began[present] >= sliceNanos) {
      present = (present + 1) % SLICES;
      began[present] = begins;
      total[present] = 0;
      failures[present] = 0;
      slow[present] = 0;
    }
    newest = Math.max(begins, began[present]);
    total[present]++;
    failures[present] += failed ? 1 : 0;
    slow[present] += wasSlow ? 1 : 0;
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
      sum += (newest - began[i]) / sliceNanos < SLICES ? counts[i] : 0;
    }
    return sum;
  }
}
