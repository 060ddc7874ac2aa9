package io.cellrouter.edge;

import java.util.concurrent.atomic.AtomicReference;

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

  private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.STARTING);

  public Stage stage() {
    return stage.get();
  }

  /** From starting to serving; a router that is already draining stays so. */
  public void serve() {
    stage.compareAndSet(Stage.STARTING, Stage.SERVING);
  }

  /** To draining, from wherever it is; there is no way back. */
  public void drain() {
    stage.set(Stage.DRAINING);
  }
}
