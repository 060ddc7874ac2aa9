package io.cellrouter.resilience;

import java.util.Locale;

/** What goes first when the router has too much to do; {@code X-Priority}. */
public enum Priority {
  /** Shed first. */
  LOW(0.7),
  /** What everybody has who is not trusted to say otherwise. */
  NORMAL(0.9),
  /** Shed only when the router is full. */
  HIGH(1);

  private final double part;

  Priority(double part) {
    this.part = part;
  }

  /** An unknown word is {@code NORMAL}. */
  public static Priority of(String word) {
    return switch (word.strip().toLowerCase(Locale.ROOT)) {
      case "high" -> HIGH;
      case "low" -> LOW;
      default -> NORMAL;
    };
  }

  /** Up to how many in flight it is taken on; at least 1. */
  int ceiling(int limit) {
    return Math.max(1, (int) (limit * part));
  }
}
