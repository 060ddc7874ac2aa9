package io.cellrouter.edge;

/**
 * Whether this process takes requests. Moved forward by {@code lifecycle} only, read with one
 * volatile load.
 */
public final class ServingState {
  /** Stages, in the only order they are passed. */
  public enum Stage {
    /** Listening, but not every cell has been probed yet. */
    STARTING,
    /** Serving. */
    SERVING,
    /** Still serving, but asking clients to go elsewhere: every answer closes its connection. */
    DRAINING
  }

  private volatile Stage stage = Stage.STARTING;

  public Stage stage() {
    return stage;
  }

  /** Moves on; going back is a defect of the caller. */
  public synchronized void enter(Stage next) {
    if (next.compareTo(stage) < 0) {
      throw new IllegalStateException("from " + stage + " back to " + next);
    }
    stage = next;
  }
}
