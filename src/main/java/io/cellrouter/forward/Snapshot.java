package io.cellrouter.forward;

import io.cellrouter.cell.CellMap;
import io.cellrouter.resilience.CellGates;

/**
 * One consistent view of the cells: which there are, and for each the door and the connections that
 * belong to it. Immutable; a request takes one and uses it to its end, so that it never sees half
 * of a change.
 */
public record Snapshot(CellMap map, CellGates gates, CellClients clients) {
  /** The view after a change: cells that stay keep their gates, and their clients if they may. */
  public Snapshot next(CellMap changed) {
    return new Snapshot(changed, gates.next(changed), clients.next(changed));
  }
}
