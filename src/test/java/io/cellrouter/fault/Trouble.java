package io.cellrouter.fault;

/**
 * Something that breaks for a while during a soak.
 *
 * @param name for people
 * @param cell whose requests may fail meanwhile; empty when nobody's may
 */
record Trouble(String name, String cell, Trial.Step begin, Trial.Step end) {
  boolean excuses(String other) {
    return cell.equals(other);
  }
}
