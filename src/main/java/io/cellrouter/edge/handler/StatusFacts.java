package io.cellrouter.edge.handler;

import io.cellrouter.auth.KeyStore;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.ServingState;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.resilience.HealthBoard;
import io.cellrouter.telemetry.BuildInfo;

/**
 * What the endpoints that tell about the router itself look at; all of it is in memory.
 *
 * @param config as at the start: what of it may change is asked of {@code cells}
 */
public record StatusFacts(
    BuildInfo build,
    RouterConfig config,
    ServingState state,
    KeyStore keys,
    LiveCells cells,
    HealthBoard health,
    CellControl control) {

  public boolean authEnabled() {
    return config.auth().enabled();
  }

  public boolean authConfigured() {
    return !keys.current().isEmpty();
  }
}
