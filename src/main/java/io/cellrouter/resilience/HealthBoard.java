package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.telemetry.Metrics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;

/**
 * The latest {@link CellHealth} of every cell. Written by the prober, read by {@code /health} and
 * {@code /ready}: reading is a few volatile loads, whatever state the cells are in.
 */
public final class HealthBoard {
  /** Rounds without one healthy cell before the router calls itself not ready. */
  static final int FAILED_ROUNDS = 3;

  private final Map<String, AtomicReference<CellHealth>> byId = new LinkedHashMap<>();

  public HealthBoard(CellMap map, Metrics metrics) {
    Map<String, IntSupplier> up = new LinkedHashMap<>();
    for (Cell cell : map.cells()) {
      AtomicReference<CellHealth> health = new AtomicReference<>(CellHealth.UNKNOWN);
      byId.put(cell.id(), health);
      up.put(cell.id(), () -> health.get().status() == CellHealth.Status.HEALTHY ? 1 : 0);
    }
    metrics.cellUp(up);
  }

  public CellHealth of(Cell cell) {
    return byId.get(cell.id()).get();
  }

  /** Takes in what a probe found. */
  public CellHealth found(Cell cell, CellHealth.Status status) {
    return byId.get(cell.id()).updateAndGet(health -> health.after(status));
  }

  /** Whether every cell has been probed at least once. */
  public boolean firstRoundDone() {
    return byId.values().stream().allMatch(health -> health.get().rounds() > 0);
  }

  /**
   * Whether each cell has failed its last {@value #FAILED_ROUNDS} probes. A single healthy probe of
   * any cell ends it: being unready helps nobody while a cell can be served.
   */
  public boolean noneHealthy() {
    return byId.values().stream()
        .allMatch(health -> health.get().failuresInARow() >= FAILED_ROUNDS);
  }
}
