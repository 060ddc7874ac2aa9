package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.resilience.CellHealth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code GET /cells}: the state of each cell and the effective limits, for operators. */
public final class CellsHandler implements Endpoint {
  private final StatusFacts facts;

  public CellsHandler(StatusFacts facts) {
    this.facts = facts;
  }

  @Override
  public Response answer(Request request) {
    CellMap map = facts.cells().snapshot().map();
    List<Object> cells = new ArrayList<>();
    for (Cell cell : map.cells()) {
      cells.add(describe(cell));
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("map_version", map.version());
    body.put("stage", facts.state().stage().name().toLowerCase(Locale.ROOT));
    body.put("limits", limits());
    body.put("cells", cells);
    return Json.ok(body);
  }

  private Map<String, Object> describe(Cell cell) {
    CellHealth health = facts.health().of(cell);
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("id", cell.id());
    described.put("name", cell.name());
    described.put("url", cell.addresses().getFirst().api().toString());
    described.put("state", cell.state().label());
    described.put("health", health.status().label());
    described.put("probes", health.rounds());
    described.put("probe_failures_in_a_row", health.failuresInARow());
    described.put("in_flight", facts.cells().snapshot().gates().of(cell).inFlight());
    return described;
  }

  private Map<String, Object> limits() {
    Map<String, Object> limits = new LinkedHashMap<>();
    limits.put("request_timeout_ms", facts.config().timeouts().request().toMillis());
    limits.put("connect_timeout_ms", facts.config().timeouts().connect().toMillis());
    limits.put("max_body_bytes", facts.config().limits().maxBody());
    limits.put("max_response_bytes", facts.config().limits().maxResponse());
    limits.put("max_header_bytes", facts.config().limits().maxHeader());
    return limits;
  }
}
