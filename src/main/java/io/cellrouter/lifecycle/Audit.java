package io.cellrouter.lifecycle;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellOverride;
import io.cellrouter.config.LogLevel;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogLine;
import java.util.List;

/**
 * Who changed what while the router ran: lines of the logger {@code audit}, written whatever {@code
 * LOG_LEVEL} says and however many lines wait, since what was not logged cannot be asked for later.
 * A client that goes on asking for changes while the log is stuck must be refused: see {@link
 * #keeps}. The ends of overrides are no more than those made, and files are changed by hand.
 */
final class Audit {
  /** Stands for {@code who} where no person asked. */
  private static final String FILE = "ROUTER_CONFIG";

  private final Log log;

  Audit(Log log) {
    this.log = log.named("audit");
  }

  /** Whether there is room for the line of a change that may as well be refused. */
  boolean keeps() {
    return log.keeps();
  }

  void overridden(Cell before, Cell after, CellOverride override) {
    log.keep(
        cell("cell overridden", override.by(), before, after)
            .field("expires", override.expiresAt().toString())
            .fieldIfAny("reason", override.reason()));
  }

  void cleared(Cell before, Cell after, String who, String reason) {
    log.keep(cell("override taken back", who, before, after).fieldIfAny("reason", reason));
  }

  void expired(Cell before, Cell after, CellOverride override) {
    log.keep(
        cell("override expired", override.by(), before, after)
            .field("expires", override.expiresAt().toString())
            .fieldIfAny("reason", override.reason()));
  }

  /** The same when the cell is not configured any more, so that nothing came of it. */
  void expired(String cellId, CellOverride override) {
    log.keep(
        line("override of a removed cell expired", override.by())
            .field("cell_id", cellId)
            .field("expires", override.expiresAt().toString()));
  }

  /**
   * @param changes in words; each gets a line of its own, so that none is cut
   */
  void reloaded(long before, long after, List<String> changes) {
    log.keep(
        line("configuration reloaded", FILE)
            .field("before", "version " + before)
            .field("after", "version " + after)
            .field("changes", changes.size()));
    changes.forEach(
        change -> log.keep(line("configuration changed", FILE).field("change", change)));
  }

  private LogLine cell(String message, String who, Cell before, Cell after) {
    return line(message, who)
        .field("cell_id", after.id())
        .field("before", describe(before))
        .field("after", describe(after));
  }

  private LogLine line(String message, String who) {
    return log.line(LogLevel.INFO, message).field("who", who);
  }

  private static String describe(Cell cell) {
    return "state=" + cell.state().label() + " share=" + cell.share();
  }
}
