package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The gate of every cell of one map; they share nothing. Immutable, the gates are not. */
public final class CellGates {
  private final Map<String, CellGate> byId;

  private CellGates(Map<String, CellGate> byId) {
    this.byId = byId;
  }

  /** New gates for all cells. */
  public static CellGates of(CellMap map) {
    return new CellGates(Map.of()).next(map);
  }

  /** The gates after a change: a cell that stays keeps its own, with all it has counted. */
  public CellGates next(CellMap map) {
    Map<String, CellGate> next = new LinkedHashMap<>();
    for (Cell cell : map.cells()) {
      CellGate kept = byId.get(cell.id());
      next.put(cell.id(), kept == null ? new CellGate() : kept);
    }
    return new CellGates(next);
  }

  public CellGate of(Cell cell) {
    return byId.get(cell.id());
  }
}
