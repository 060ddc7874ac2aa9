package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The latest {@link CellHealth} of every cell. Written by the prober, read by {@code /health} and
 * {@code /ready}: reading is a few volatile loads, whatever state the cells are in.
 */
public final class HealthBoard {
  /** Rounds without one healthy cell before the router calls itself not ready. */
  static final int FAILED_ROUNDS = 3;

  /** Replaced as a whole; what stays keeps its place. */
  private volatile Map<String, AtomicReference<CellHealth>> byId = Map.of();

  public HealthBoard(CellMap map) {
    follow(map);
  }

  /** Makes room for new cells and forgets those gone; what is known of the others stays. */
  public void follow(CellMap map) {
    Map<String, AtomicReference<CellHealth>> next = new LinkedHashMap<>();
    for (Cell cell : map.cells()) {
      AtomicReference<CellHealth> known = byId.get(cell.id());
      next.put(cell.id(), known == null ? new AtomicReference<>(CellHealth.UNKNOWN) : known);
    }
    byId = next;
  }

  /** What is known of a cell; nothing of one that is gone. */
  public CellHealth of(Cell cell) {
    AtomicReference<CellHealth> health = byId.get(cell.id());
    return health == null ? CellHealth.UNKNOWN : health.get();
  }

  /** Takes in what a probe found. */
  public CellHealth found(Cell cell, CellHealth.Status status) {
    AtomicReference<CellHealth> health = byId.get(cell.id());
    return health == null
        ? CellHealth.UNKNOWN.after(status)
        : health.updateAndGet(before -> before.after(status));
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
