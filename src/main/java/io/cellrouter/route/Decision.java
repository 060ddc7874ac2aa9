package io.cellrouter.route;

import io.cellrouter.cell.Cell;
import io.cellrouter.telemetry.Reason;
import java.nio.ByteBuffer;

/** Where a request goes, or why it goes nowhere. */
public sealed interface Decision {
  /**
   * To this cell and no other.
   *
   * @param method it is asked with
   * @param body what it is sent, often a part of what the client sent; empty for a GET
   */
  record Routed(Cell cell, CellMethod method, ByteBuffer body) implements Decision {}

  /**
   * Nowhere.
   *
   * @param field the member of the body at fault, empty when it is the body as a whole
   * @param detail one sentence that says what to do
   */
  record Rejected(Reason reason, String field, String detail) implements Decision {}
}
