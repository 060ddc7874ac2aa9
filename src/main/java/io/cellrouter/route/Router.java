package io.cellrouter.route;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.telemetry.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Decides which cell a request is for. */
public final class Router {
  private final RouteParser parser;
  private final Clock clock;

  public Router(RouteParser parser, Clock clock) {
    this.parser = parser;
    this.clock = clock;
  }

  /** Decides for one body against one snapshot. */
  public Decision decide(byte[] body, CellMap map) {
    return switch (parser.parse(body)) {
      case RouteParser.Parsed.Bad(Decision.Rejected rejected) -> rejected;
      case RouteParser.Parsed.Ok(RouteRequest request) -> decide(request, map);
    };
  }

  /** Decides where a cell id leads, with no body to send: for {@code /explain}. */
  public Decision decide(RouteRequest request, CellMap map) {
    Optional<Cell> cell = map.find(request.cellId());
    if (cell.isEmpty()) {
      return new Decision.Rejected(
          Reason.UNKNOWN_CELL, "cellID", "No cell is configured under this cellID.");
    }
    return new Decision.Routed(
        cell.get(), request.payload().length > 0 ? request.payload() : ownBody(cell.get()));
  }

  /**
   * What a cell gets when the client sent no payload. The id is configured: it needs no escaping.
   */
  private byte[] ownBody(Cell cell) {
    return ("{\"cellID\":\""
            + cell.id()
            + "\",\"timestamp\":\""
            + clock.instant().truncatedTo(ChronoUnit.MILLIS)
            + "\"}")
        .getBytes(StandardCharsets.US_ASCII);
  }
}
