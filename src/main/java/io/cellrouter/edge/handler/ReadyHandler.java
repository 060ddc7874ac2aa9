package io.cellrouter.edge.handler;

import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code GET /ready}: whether a load balancer should send requests here. */
public final class ReadyHandler implements Endpoint {
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final StatusFacts facts;

  public ReadyHandler(StatusFacts facts) {
    this.facts = facts;
  }

  @Override
  public Response answer(Request request) {
    Optional<Reason> notReady = notReady();
    if (notReady.isPresent()) {
      Reason reason = notReady.get();
      return Problem.retryLater(Problem.of(reason, reason.meaning() + "."), RETRY_AFTER);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", "ready");
    body.put("auth_enabled", facts.authEnabled());
    return Json.ok(body);
  }

  private Optional<Reason> notReady() {
    return switch (facts.state().stage()) {
      case STARTING -> Optional.of(Reason.STARTING);
      case DRAINING -> Optional.of(Reason.DRAINING);
      case SERVING -> {
        if (facts.authEnabled() && !facts.authConfigured()) {
          yield Optional.of(Reason.AUTH_UNCONFIGURED);
        }
        yield facts.health().noneHealthy() ? Optional.of(Reason.NO_HEALTHY_CELL) : Optional.empty();
      }
    };
  }
}
