package io.cellrouter.telemetry;

/** Milliseconds as text. */
public final class Millis {
  private Millis() {}

  /**
   * Nanoseconds as milliseconds with three decimals, cut off, not rounded: 1234567 gives {@code
   * 1.234}. String.format would cost more than the rest of the log line.
   */
  public static String format(long nanos) {
    long micros = Math.max(0, nanos / 1_000);
    long fraction = micros % 1_000;
    return micros / 1_000 + (fraction < 10 ? ".00" : fraction < 100 ? ".0" : ".") + fraction;
  }
}
