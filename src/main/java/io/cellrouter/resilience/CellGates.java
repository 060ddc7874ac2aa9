package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.telemetry.Log;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.IntSupplier;

/** The gate of every cell of one map; they share nothing. Immutable, the gates are not. */
public final class CellGates {
  private record Door(List<Cell.Address> addresses, CellGate gate) {
    CellGate to(Cell cell) {
      return Collections.disjoint(addresses, cell.addresses()) ? gate.elsewhere() : gate;
    }
  }

  private final Map<String, Door> byId;
  private final Function<String, CellGate> create;

  private CellGates(Map<String, Door> byId, Function<String, CellGate> create) {
    this.byId = byId;
    this.create = create;
  }

  /**
   * New gates for all cells.
   *
   * @param replicas that share the rates, see {@link Fleet}
   * @param log gets a line when a breaker changes, and when a bulkhead refuses
   */
  public static CellGates of(CellMap map, IntSupplier replicas, Log log) {
    return of(
        map,
        id ->
            new CellGate(
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble(),
                replicas,
                new GateLog(id, log)));
  }

  /** New gates of a router that stands alone and logs nothing. */
  public static CellGates of(CellMap map) {
    return of(
        map,
        id ->
            new CellGate(
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble(),
                () -> 1,
                (from, to) -> {}));
  }

  private static CellGates of(CellMap map, Function<String, CellGate> create) {
    return new CellGates(Map.of(), create).next(map);
  }

  /**
   * The gates after a change, which is going to be in force: a cell that stays keeps its own, with
   * all it has counted; one that kept none of its addresses begins anew with what is learnt of a
   * cell, and keeps the rest.
   */
  public CellGates next(CellMap map) {
    Map<String, Door> next = new LinkedHashMap<>();
    for (Cell cell : map.cells()) {
      Door kept = byId.get(cell.id());
      CellGate gate = kept == null ? create.apply(cell.id()) : kept.to(cell);
      next.put(cell.id(), new Door(cell.addresses(), gate));
    }
    return new CellGates(next, create);
  }

  public CellGate of(Cell cell) {
    Door door = byId.get(cell.id());
    return door == null ? null : door.gate();
  }
}
