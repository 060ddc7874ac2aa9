package io.cellrouter.edge.handler;

import io.cellrouter.cell.CellChange;
import io.cellrouter.cell.CellOverride;
import io.cellrouter.cell.ConfigStatus;
import java.util.Optional;

/**
 * What the management endpoints may ask of whoever changes the cells; {@code lifecycle} does. An
 * interface, because the edge must not know the lifecycle.
 */
public interface CellControl {
  /** What came of a change; unless it was made, nothing happened. */
  enum Outcome {
    MADE,
    NO_SUCH_CELL,
    /** The audit line could not be kept, and no change is made without one. */
    NOT_LOGGED
  }

  /**
   * Makes the change; when this returns, the snapshot for new requests has it.
   *
   * @param by the admin client that asks
   */
  Outcome change(CellChange change, String by);

  /** The override of a cell that is in force. */
  Optional<CellOverride> override(String cellId);

  /** How the configuration file stands. */
  ConfigStatus config();
}
