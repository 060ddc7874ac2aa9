package io.cellrouter.forward;

/** Holds the current {@link Snapshot}. Reading is one volatile load and never blocks. */
public final class LiveCells {
  private volatile Snapshot current;

  public LiveCells(Snapshot initial) {
    this.current = initial;
  }

  /** The snapshot to use for the whole of one request. */
  public Snapshot snapshot() {
    return current;
  }

  /** Puts another in force for the requests that come from now on. One thread at a time. */
  public void replace(Snapshot next) {
    current = next;
  }
}
