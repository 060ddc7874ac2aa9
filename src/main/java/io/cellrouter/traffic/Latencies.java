package io.cellrouter.traffic;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts durations in buckets, 16 to every doubling, so that a percentile is at most 6.25 % too
 * high, and never too low. Any number of threads may record.
 */
final class Latencies {
  private static final int SUB_BITS = 4;
  private static final int SUB = 1 << SUB_BITS;
  private static final int BUCKETS = (64 - SUB_BITS) * SUB;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  void record(long nanos) {
    counts.incrementAndGet(bucket(Math.max(0, nanos)));
  }

  /**
   * The duration in nanoseconds that this share of all did not exceed; 0 when there are none.
   *
   * @param share 0 to 1
   */
  long percentile(double share) {
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += counts.get(i);
    }
    long rank = Math.max(1, (long) Math.ceil(total * share));
    for (int i = 0; i < BUCKETS; i++) {
      rank -= counts.get(i);
      if (rank <= 0) {
        return top(i);
      }
    }
    return 0;
  }

  /** Values below 2·SUB have a bucket each; from there on the leading SUB_BITS + 1 bits choose. */
  private static int bucket(long nanos) {
    int shift = Math.max(0, 63 - SUB_BITS - Long.numberOfLeadingZeros(nanos));
    return shift * SUB + (int) (nanos >>> shift);
  }

  /** The largest value that falls into a bucket. */
  private static long top(int bucket) {
    int shift = Math.max(0, bucket / SUB - 1);
    return ((bucket - (long) shift * SUB + 1) << shift) - 1;
  }
}
