package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.edge.ApiKeyFilter;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.Admission;
import io.cellrouter.resilience.Caller;
import io.cellrouter.route.CellMethod;
import io.cellrouter.route.Decision;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.Reason;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code GET /explain?cellID=…&client=…&method=…}: where a request would go and why, by the same
 * decision and the same gate that a real one passes; nothing is sent, and asking costs nothing.
 *
 * <p>{@code client} is what the cell's share goes by: the name of a client, or the address of one
 * without a name. Without it, or when it is not the name of a client, the client is anonymous.
 */
public final class ExplainHandler implements Endpoint {
  private final StatusFacts facts;
  private final Router router;

  public ExplainHandler(StatusFacts facts, Router router) {
    this.facts = facts;
    this.router = router;
  }

  @Override
  public Response answer(Request request) {
    Optional<String> cellId = parameter(request.query(), "cellID");
    if (cellId.isEmpty()) {
      return Problem.ofField(
          Reason.INVALID_CELL_ID, "cellID", "Ask with ?cellID=…, for example /explain?cellID=1.");
    }
    Snapshot snapshot = facts.cells().snapshot();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("cellID", cellId.get());
    body.put("map_version", snapshot.map().version());
    switch (router.decide(cellId.get(), snapshot.map())) {
      case Decision.Rejected(Reason reason, String field, String detail) -> {
        body.put("decision", "rejected");
        body.put("reason", reason.code());
        body.put("detail", detail);
      }
      case Decision.Routed(Cell cell, CellMethod method, ByteBuffer forCell) -> {
        body.put("decision", "routed");
        body.put("upstream", cell.name());
        body.put("url", cell.addresses().getFirst().api().toString());
        body.put("health", facts.health().of(cell).status().label());
        body.put("state", cell.state().label());
        body.put("share", cell.share());
        explainAdmission(snapshot.gates().of(cell).refusal(cell, caller(request)), body);
      }
    }
    return Json.ok(body);
  }

  private Caller caller(Request request) {
    String asked = parameter(request.query(), "client").orElse(ApiKeyFilter.ANONYMOUS);
    boolean known = facts.keys().current().clients().contains(asked);
    boolean safe =
        parameter(request.query(), "method")
            .flatMap(CellMethod::of)
            .map(CellMethod::safe)
            .orElse(false);
    return new Caller(known ? asked : ApiKeyFilter.ANONYMOUS, asked, safe);
  }

  private static void explainAdmission(
      Optional<Admission.Refused> refusal, Map<String, Object> body) {
    body.put("admission", refusal.isEmpty() ? "admitted" : "refused");
    refusal.ifPresent(
        refused -> {
          body.put("reason", refused.reason().code());
          body.put("detail", refused.reason().meaning());
          body.put("retry_after", Math.max(1, refused.retryAfter().toSeconds()));
        });
  }

  private static Optional<String> parameter(String query, String name) {
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(name + "=") && pair.length() > name.length() + 1) {
        try {
          return Optional.of(
              URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          return Optional.empty(); // A broken percent escape says nothing.
        }
      }
    }
    return Optional.empty();
  }
}
