/**
 * From the body of a request to a decision: which cell, and what it is sent.
 *
 * <p>Invariants: one pass over the body; a decision depends on the body and one {@link
 * io.cellrouter.cell.CellMap} only; an id that is not configured is rejected, never guessed. Does
 * no I/O. May be used by {@code edge}; uses {@code cell} and {@code telemetry}.
 */
package io.cellrouter.route;
