package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.ConfigStatus;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.Snapshot;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code GET /cells}: the state of each cell and the effective limits, for operators. */
public final class CellsHandler implements Endpoint {
  private final StatusFacts facts;
  private final CellDescriptions descriptions;

  public CellsHandler(StatusFacts facts) {
    this.facts = facts;
    this.descriptions = new CellDescriptions(facts);
  }

  @Override
  public Response answer(Request request) {
    Snapshot snapshot = facts.cells().snapshot();
    List<Object> cells = new ArrayList<>();
    for (Cell cell : snapshot.map().cells()) {
      cells.add(descriptions.of(cell, snapshot));
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("map_version", snapshot.map().version());
    body.put("stage", facts.state().stage().name().toLowerCase(Locale.ROOT));
    body.put("config", config(facts.control().config()));
    body.put("limits", limits());
    body.put("cells", cells);
    return Json.ok(body);
  }

  private static Map<String, Object> config(ConfigStatus status) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("file", status.file().map(Object::toString).orElse(null));
    described.put("version", status.version());
    described.put("status", status.freshness().label());
    described.put("loaded_at", status.loadedAt().truncatedTo(ChronoUnit.SECONDS).toString());
    described.put(
        "problem", status.problems().isEmpty() ? null : String.join("; ", status.problems()));
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
