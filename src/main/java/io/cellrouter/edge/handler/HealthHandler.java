package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code GET /health}: what the background probes last found. Calls no cell, so it is as quick with
 * all cells hanging.
 */
public final class HealthHandler implements Endpoint {
  private final StatusFacts facts;

  public HealthHandler(StatusFacts facts) {
    this.facts = facts;
  }

  @Override
  public Response answer(Request request) {
    Map<String, Object> upstreams = new LinkedHashMap<>();
    for (Cell cell : facts.cells().snapshot().map().cells()) {
      upstreams.put(cell.name(), facts.health().of(cell).status().label());
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", "healthy");
    body.put("version", facts.build().version());
    body.put("upstreams", upstreams);
    body.put("auth_enabled", facts.authEnabled());
    body.put("auth_configured", facts.authConfigured());
    body.put("config", facts.control().config().freshness().label());
    return Json.ok(body);
  }
}
