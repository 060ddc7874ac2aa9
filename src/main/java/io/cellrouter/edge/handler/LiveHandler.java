package io.cellrouter.edge.handler;

import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import java.util.Map;

/**
 * {@code GET /live}: that the process answers, and nothing else. A liveness probe that looked at a
 * cell would restart every router when one cell hangs.
 */
public final class LiveHandler implements Endpoint {
  @Override
  public Response answer(Request request) {
    return Json.ok(Map.of("status", "live"));
  }
}
