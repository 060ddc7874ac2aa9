package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.telemetry.Metrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;

/** The gate of every cell; they share nothing. */
public final class CellGates {
  private final Map<String, CellGate> byId = new LinkedHashMap<>();

  public CellGates(CellMap map, Metrics metrics) {
    Map<String, IntSupplier> inFlight = new LinkedHashMap<>();
    for (Cell cell : map.cells()) {
      CellGate gate = new CellGate();
      byId.put(cell.id(), gate);
      inFlight.put(cell.id(), gate::inFlight);
    }
    metrics.inFlight(inFlight);
  }

  public CellGate of(Cell cell) {
    return byId.get(cell.id());
  }
}
