/**
 * The cells of the system and the map from a request's cell id to its cell.
 *
 * <p>Invariants: a {@link io.cellrouter.cell.CellMap} is immutable; a request takes one snapshot
 * and uses it to its end, so it never sees half of a change. May be used by everything that decides
 * or forwards; uses {@code auth}, {@code telemetry} and {@code config} at most.
 */
package io.cellrouter.cell;
