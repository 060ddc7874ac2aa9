package io.cellrouter.forward;

/** One try to get an answer from a cell: how it ended, and what the request's outcome is by it. */
record Attempt(Fate fate, Outcome outcome) {
  /** What is known about the request after an attempt. */
  enum Fate {
    /** The cell answered, usable or not. */
    ANSWERED,
    /** There was no connection: the cell has seen nothing of it. */
    UNSENT,
    /** The connection broke before the answer was complete: the cell may have acted. */
    BROKEN,
    /** What came back is not HTTP. */
    GARBLED,
    /** The deadline passed on the way. */
    LATE,
    /** Nothing was tried: no time was left, or no address is known. */
    NOT_TRIED
  }

  /**
   * Whether it may be sent once more. An answer is never a reason, not even a 503: the cell is
   * there and has spoken, and asking it again would add load just when it says that it has too
   * much. Nonsense would be nonsense again, and after the deadline nobody waits.
   */
  boolean mayBeRepeated(CellRequest request) {
    return switch (fate) {
      case UNSENT -> true;
      case BROKEN -> request.repeatable();
      case ANSWERED, GARBLED, LATE, NOT_TRIED -> false;
    };
  }
}
