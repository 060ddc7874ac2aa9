package io.cellrouter.telemetry;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Makes request, trace and span ids: unique, not secret, so a fast generator will do. */
public final class Ids {
  private final RandomGenerator random;

  public Ids(RandomGenerator random) {
    this.random = random;
  }

  /** 32 lower-case hex digits, never all zero (W3C Trace Context §3.2.2.3). */
  public String traceId() {
    return hex(nonZero()) + hex(random.nextLong());
  }

  /** 16 lower-case hex digits, never all zero (W3C Trace Context §3.2.2.4). */
  public String spanId() {
    return hex(nonZero());
  }

  /** Whether a new trace is sampled at the given share. */
  public boolean sampled(double ratio) {
    return ratio >= 1 || (ratio > 0 && random.nextDouble() < ratio);
  }

  private long nonZero() {
    long value = random.nextLong();
    return value == 0 ? 1 : value;
  }

  private static String hex(long value) {
    return HexFormat.of().toHexDigits(value);
  }
}
