package io.cellrouter.demo;

import java.util.Locale;

/**
 * How a demo cell misbehaves.
 *
 * @param latencyMillis added before every answer
 * @param errorRate share of requests answered 500, 0 to 1
 * @param resetRate share of requests whose connection is reset in the middle of the body, 0 to 1
 * @param stall where it falls silent, connection open
 */
public record Faults(int latencyMillis, double errorRate, double resetRate, Stall stall) {
  /** Where an answer stops coming. */
  public enum Stall {
    NONE,
    /** Nothing is ever sent. */
    HEADERS,
    /** Headers and half the body are sent. */
    BODY,
    /** The body comes a byte a second. */
    DRIP
  }

  public static final Faults NONE = new Faults(0, 0, 0, Stall.NONE);

  public Faults {
    if (latencyMillis < 0 || latencyMillis > 600_000) {
      throw new IllegalArgumentException("latency must be 0 to 600000 (milliseconds)");
    }
    if (!(errorRate >= 0 && errorRate <= 1) || !(resetRate >= 0 && resetRate <= 1)) {
      throw new IllegalArgumentException("error-rate and reset-rate must be 0 to 1");
    }
  }

  /**
   * The same with one fault changed.
   *
   * @param name latency, error-rate, reset-rate or stall
   * @throws IllegalArgumentException saying what is possible
   */
  public Faults with(String name, String value) {
    try {
      return switch (name) {
        case "latency" -> new Faults(Integer.parseInt(value), errorRate, resetRate, stall);
        case "error-rate" -> new Faults(latencyMillis, Double.parseDouble(value), resetRate, stall);
        case "reset-rate" -> new Faults(latencyMillis, errorRate, Double.parseDouble(value), stall);
        case "stall" ->
            new Faults(
                latencyMillis, errorRate, resetRate, Stall.valueOf(value.toUpperCase(Locale.ROOT)));
        default ->
            throw new IllegalArgumentException(
                "unknown fault \"" + name + "\"; known: latency, error-rate, reset-rate, stall");
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number, not \"" + value + "\"", e);
    }
  }

  String json() {
    return "{\"latency\":%d,\"error-rate\":%s,\"reset-rate\":%s,\"stall\":\"%s\"}"
        .formatted(latencyMillis, errorRate, resetRate, stall.name().toLowerCase(Locale.ROOT));
  }
}
