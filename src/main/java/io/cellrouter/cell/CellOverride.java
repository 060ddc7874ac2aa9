package io.cellrouter.cell;

import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellConfig.CellState;
import java.time.Instant;
import java.util.Optional;

/**
 * An override in force.
 *
 * @param state empty: as configured
 * @param share empty: as configured
 * @param by the admin client that set it
 * @param expiresAt by the wall clock, to be shown; what counts is {@code expiresNanos}
 * @param expiresNanos on the monotonic clock, which nobody can set
 */
public record CellOverride(
    Optional<CellState> state,
    Optional<Integer> share,
    String by,
    String reason,
    Instant expiresAt,
    long expiresNanos) {

  /** What is configured, with what is overridden put in. */
  public CellConfig over(CellConfig config) {
    return config.with(state.orElse(config.state()), share.orElse(config.share()));
  }

  /**
   * @param nanoTime of the clock that {@code expiresNanos} was taken from
   */
  public boolean expired(long nanoTime) {
    return nanoTime - expiresNanos >= 0;
  }
}
