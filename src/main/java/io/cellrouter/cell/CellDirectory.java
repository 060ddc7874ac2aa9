package io.cellrouter.cell;

/** Holds the current {@link CellMap}. Reading is one volatile load and never blocks. */
public final class CellDirectory {
  private volatile CellMap current;

  public CellDirectory(CellMap initial) {
    this.current = initial;
  }

  /** The snapshot to use for the whole of one request. */
  public CellMap snapshot() {
    return current;
  }
}
