package io.cellrouter.edge.handler;

import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code GET /}: what this is and where to go on. */
public final class RootHandler implements Endpoint {
  private final StatusFacts facts;

  public RootHandler(StatusFacts facts) {
    this.facts = facts;
  }

  @Override
  public Response answer(Request request) {
    Map<String, Object> endpoints = new LinkedHashMap<>();
    endpoints.put("route", "/api/route");
    endpoints.put("health", "/health");
    endpoints.put("ready", "/ready");
    endpoints.put("metrics", "/metrics");
    endpoints.put("docs", "/docs");
    endpoints.put("redoc", "/redoc");
    endpoints.put("openapi", "/openapi.json");
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("service", "Cell Router API");
    body.put("version", facts.build().version());
    body.put("auth_enabled", facts.authEnabled());
    body.put("auth_configured", facts.authConfigured());
    body.put("endpoints", endpoints);
    return Json.ok(body);
  }
}
