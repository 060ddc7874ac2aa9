package io.cellrouter.traffic;

/** What a request is up to. */
public enum Kind {
  NORMAL("normal", 50, false),
  SKEWED("skewed", 25, false),
  BURST("burst", 0, false),
  INVALID_CELL("invalid cell", 7, false),
  MALFORMED("malformed body", 6, false),
  MISSING_KEY("missing key", 4, true),
  WRONG_KEY("wrong key", 4, true),
  IMPATIENT("impatient", 4, false);

  private final String label;
  private final int weight;
  private final boolean onlyWithKeys;

  Kind(String label, int weight, boolean onlyWithKeys) {
    this.label = label;
    this.weight = weight;
    this.onlyWithKeys = onlyWithKeys;
  }

  public String label() {
    return label;
  }

  /** Whether it is a request like any other, which its cell should answer. */
  boolean shouldReachItsCell() {
    return this == NORMAL || this == SKEWED || this == BURST;
  }

  /** Its share of the steady load; bursts come on top of that ({@link Pace}). */
  int weight(boolean keysAskedFor) {
    return onlyWithKeys && !keysAskedFor ? 0 : weight;
  }
}
