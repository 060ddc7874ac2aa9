package io.cellrouter.cell;

import io.cellrouter.config.CellConfig.CellState;
import java.time.Duration;
import java.util.Optional;

/** What an operator asks for while the router runs, about one cell. */
public sealed interface CellChange {
  String cellId();

  /** Why, in the operator's words; for the audit log. May be empty. */
  String reason();

  /**
   * Overrides what the configuration says, for a while. Replaces an earlier override of the cell as
   * a whole.
   *
   * @param state empty: as configured
   * @param share percent of the cell's clients; empty: as configured
   * @param expiresIn after which the configuration holds again
   */
  record Set(
      String cellId,
      Optional<CellState> state,
      Optional<Integer> share,
      Duration expiresIn,
      String reason)
      implements CellChange {
    public Set {
      if (state.isEmpty() && share.isEmpty()) {
        throw new IllegalArgumentException("an override of nothing");
      }
      if (share.isPresent() && (share.get() < 0 || share.get() > 100)) {
        throw new IllegalArgumentException("share " + share.get());
      }
    }
  }

  /** Takes an override back before its time. */
  record Clear(String cellId, String reason) implements CellChange {}
}
