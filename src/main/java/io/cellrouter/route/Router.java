package io.cellrouter.route;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.telemetry.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Decides which cell a request is for. */
public final class Router {
  private static final ByteBuffer NO_BODY = ByteBuffer.allocate(0);

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

  /** Decides where a cell id leads, whatever the request would say: for {@code /explain}. */
  public Decision decide(String cellId, CellMap map) {
    return decide(new RouteRequest(cellId, CellMethod.GET, NO_BODY), map);
  }

  private Decision decide(RouteRequest request, CellMap map) {
    Optional<Cell> cell = map.find(request.cellId());
    if (cell.isEmpty()) {
      return new Decision.Rejected(
          Reason.UNKNOWN_CELL, "cellID", "No cell is configured under this cellID.");
    }
    return new Decision.Routed(cell.get(), request.method(), body(request, cell.get()));
  }

  private ByteBuffer body(RouteRequest request, Cell cell) {
    if (!request.method().carriesBody()) {
      return NO_BODY;
    }
    return request.payload().hasRemaining() ? request.payload() : ByteBuffer.wrap(ownBody(cell));
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
