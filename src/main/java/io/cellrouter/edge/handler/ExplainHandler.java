package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.edge.ApiKeyFilter;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.resilience.Admission;
import io.cellrouter.resilience.Caller;
import io.cellrouter.route.CellMethod;
import io.cellrouter.route.Decision;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.Reason;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code GET /explain?cellID=…}: where a request would go and why, by the same decision and the
 * same gate that a real one passes; nothing is sent.
 */
public final class ExplainHandler implements Endpoint {
  private static final String PARAMETER = "cellID=";
  private static final Caller ANYBODY =
      new Caller(ApiKeyFilter.ANONYMOUS, ApiKeyFilter.ANONYMOUS, true);

  private final StatusFacts facts;
  private final Router router;

  public ExplainHandler(StatusFacts facts, Router router) {
    this.facts = facts;
    this.router = router;
  }

  @Override
  public Response answer(Request request) {
    Optional<String> cellId = cellId(request.query());
    if (cellId.isEmpty()) {
      return Problem.ofField(
          Reason.INVALID_CELL_ID, "cellID", "Ask with ?cellID=…, for example /explain?cellID=1.");
    }
    CellMap map = facts.cells().snapshot().map();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("cellID", cellId.get());
    body.put("map_version", map.version());
    switch (router.decide(cellId.get(), map)) {
      case Decision.Rejected(Reason reason, String field, String detail) -> {
        body.put("decision", "rejected");
        body.put("reason", reason.code());
        body.put("detail", detail);
      }
      case Decision.Routed(Cell cell, CellMethod method, byte[] forCell) -> {
        body.put("decision", "routed");
        body.put("upstream", cell.name());
        body.put("url", cell.addresses().getFirst().api().toString());
        body.put("health", facts.health().of(cell).status().label());
        body.put("state", cell.state().label());
        explainAdmission(cell, body);
      }
    }
    return Json.ok(body);
  }

  private void explainAdmission(Cell cell, Map<String, Object> body) {
    Optional<Admission.Refused> refusal =
        facts.cells().snapshot().gates().of(cell).refusal(cell, ANYBODY);
    body.put("admission", refusal.isEmpty() ? "admitted" : "refused");
    refusal.ifPresent(
        refused -> {
          body.put("reason", refused.reason().code());
          body.put("detail", refused.reason().meaning());
        });
  }

  private static Optional<String> cellId(String query) {
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(PARAMETER) && pair.length() > PARAMETER.length()) {
        try {
          return Optional.of(
              URLDecoder.decode(pair.substring(PARAMETER.length()), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          return Optional.empty(); // A broken percent escape names no cell.
        }
      }
    }
    return Optional.empty();
  }
}
