package io.cellrouter.traffic;

import java.util.Set;

/**
 * One request to send, and what may come of it.
 *
 * @param cell the cell it is for, as it must stand in {@code X-Cell} of a 200; empty for none
 * @param expected the statuses that are right for it
 */
record Shot(
    Kind kind,
    String cell,
    String contentType,
    byte[] body,
    Key key,
    Manner manner,
    Set<Integer> expected) {

  Shot {
    expected = Set.copyOf(expected);
  }

  /** Which API key it carries, when the router asks for keys at all. */
  enum Key {
    GIVEN,
    NONE,
    WRONG
  }

  /** How the client behaves. */
  sealed interface Manner {
    /** Waits for the answer. */
    record Waits() implements Manner {}

    /** Gives up after this long, and closes the connection. */
    record TimesOut(int millis) implements Manner {}

    /** Closes the connection in the middle of its own body. */
    record HangsUp() implements Manner {}
  }

  Shot with(Key otherKey) {
    return new Shot(kind, cell, contentType, body, otherKey, manner, expected);
  }

  Shot with(Manner otherManner) {
    return new Shot(kind, cell, contentType, body, key, otherManner, expected);
  }

  Shot withContentType(String other) {
    return new Shot(kind, cell, other, body, key, manner, expected);
  }

  /** Whether this answer is a right one. An impatient client also has itself to blame for none. */
  boolean expects(Answer answer) {
    return switch (answer) {
      case Answer.Status(int status, String cellOfAnswer) ->
          expected.contains(status)
              && (status != 200 || cellOfAnswer.isEmpty() || cellOfAnswer.equals(cell));
      case Answer.GaveUp() -> !(manner instanceof Manner.Waits);
      case Answer.None none -> false;
    };
  }
}
