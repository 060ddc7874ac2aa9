package io.cellrouter.forward;

import io.cellrouter.cell.CellMap;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.resilience.CellGates;

/**
 * One consistent view of the cells: which there are, for each the door and the connections that
 * belong to it, and how often clients may ask. Immutable; a request takes one and uses it to its
 * end, so that it never sees half of a change.
 */
public record Snapshot(
    CellMap map, CellGates gates, CellClients clients, RouterConfig.ClientRates rates) {
  /** The view after a change: cells that stay keep their gates, and their clients if they may. */
  public Snapshot next(CellMap changed, RouterConfig.ClientRates changedRates) {
    return new Snapshot(changed, gates.next(changed), clients.next(changed), changedRates);
  }
}
