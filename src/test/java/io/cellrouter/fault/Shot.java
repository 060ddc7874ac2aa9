package io.cellrouter.fault;

/**
 * One request and what came of it.
 *
 * @param id stands in the payload, so that a cell can tell what reached it
 * @param due when it should have been sent, in {@link System#nanoTime}
 * @param done when its answer was complete
 * @param outcome as {@link Seen} says, or {@code no answer (…)}
 */
record Shot(String cell, String id, long due, long done, String outcome) {
  static final String OK = "200";

  boolean failed() {
    return !outcome.equals(OK);
  }

  /** From when it was due, so that a late start counts as waiting. */
  double millis() {
    return (done - due) / 1e6;
  }
}
