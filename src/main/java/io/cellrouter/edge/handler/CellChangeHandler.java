package io.cellrouter.edge.handler;

import io.cellrouter.cell.CellChange;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Problem.FieldError;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.ByteLease;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /cells}: overrides a cell's state or share in this process for a while, or takes an
 * override back. Answers what holds for the cell then.
 */
public final class CellChangeHandler implements Endpoint {
  private static final int MOST_BYTES = 4_096;

  private static final Duration RETRY_AFTER_NOT_LOGGED = Duration.ofSeconds(5);

  private final StatusFacts facts;
  private final CellDescriptions descriptions;

  public CellChangeHandler(StatusFacts facts) {
    this.facts = facts;
    this.descriptions = new CellDescriptions(facts);
  }

  @Override
  public Response answer(Request request) throws IOException {
    long length = request.contentLength();
    if (length < 0) {
      return Problem.of(Reason.LENGTH_REQUIRED, "Send a Content-Length.").closing();
    }
    if (length > MOST_BYTES) {
      return Problem.of(
              Reason.BODY_TOO_LARGE, "The body may have at most " + MOST_BYTES + " bytes.")
          .closing();
    }
    if (!Intake.isJson(request.headerValues(HeaderName.CONTENT_TYPE))) {
      return Problem.of(Reason.NOT_JSON, "Send Content-Type: application/json.");
    }
    byte[] body = request.readBody(ByteLease.unlimited()).orElseThrow();
    return switch (CellChangeParser.parse(body)) {
      case CellChangeParser.Parsed.Unreadable(String detail) ->
          Problem.of(Reason.INVALID_CHANGE, detail);
      case CellChangeParser.Parsed.Bad(List<FieldError> errors) ->
          Problem.ofFields(Reason.INVALID_CHANGE, errors.getFirst().detail(), errors);
      case CellChangeParser.Parsed.Ok(CellChange change) -> change(change, request.client());
    };
  }

  private Response change(CellChange change, String by) {
    return switch (facts.control().change(change, by)) {
      case MADE -> made(change);
      case NO_SUCH_CELL ->
          Problem.ofField(
              Reason.UNKNOWN_CELL,
              "cellID",
              "No cell is configured under this cellID; GET /cells lists them.");
      case NOT_LOGGED ->
          Problem.retryLater(
              Problem.of(
                  Reason.AUDIT_UNAVAILABLE,
                  "Standard output is stuck or gone, and no change is made without its line in the"
                      + " log. A changed ROUTER_CONFIG is still taken."),
              RETRY_AFTER_NOT_LOGGED);
    };
  }

  private Response made(CellChange change) {
    Snapshot snapshot = facts.cells().snapshot();
    return Json.ok(
        snapshot
            .map()
            .find(change.cellId())
            .map(cell -> descriptions.of(cell, snapshot))
            .orElse(Map.of())); // Gone from the configuration in this very moment.
  }
}
