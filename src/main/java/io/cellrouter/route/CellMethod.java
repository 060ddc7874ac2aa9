package io.cellrouter.route;

import java.util.Optional;

/**
 * The method a cell is asked with, the {@code method} member of a request. What it promises (RFC
 * 9110 §9.2, for PATCH RFC 5789 §2) decides what a cell that only reads takes, and what may be sent
 * twice.
 */
public enum CellMethod {
  GET(true, true),
  POST(false, false),
  PUT(false, true),
  PATCH(false, false),
  DELETE(false, true);

  private final boolean safe;
  private final boolean idempotent;

  CellMethod(boolean safe, boolean idempotent) {
    this.safe = safe;
    this.idempotent = idempotent;
  }

  /** The method of this name; names are case-sensitive (RFC 9110 §9.1). */
  public static Optional<CellMethod> of(String name) {
    for (CellMethod each : values()) {
      if (each.name().equals(name)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** Whether it changes nothing. */
  public boolean safe() {
    return safe;
  }

  /** Whether doing it twice is doing it once. */
  public boolean idempotent() {
    return idempotent;
  }

  /** Whether a body goes with it; that of a GET has no meaning (RFC 9110 §9.3.1). */
  public boolean carriesBody() {
    return this != GET;
  }
}
