package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.Deadline;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.forward.Outcome;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.Admission;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.Caller;
import io.cellrouter.resilience.RateLimit;
import io.cellrouter.route.Decision;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.CellMetrics;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.Millis;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * {@code POST /api/route}: read → decide → admit → forward → answer. One snapshot of the cell map
 * is taken and used to the end.
 */
public final class RouteHandler implements Endpoint {
  private static final Duration RETRY_AFTER_OVERLOAD = Duration.ofSeconds(1);

  private final RouterConfig config;
  private final Router router;
  private final LiveCells cells;
  private final Metrics metrics;
  private final Envelope envelope;
  private final CellRequests requests;
  private final ByteBudget bodies;

  public RouteHandler(
      RouterConfig config, Router router, LiveCells cells, Metrics metrics, ByteBudget bodies) {
    this.bodies = bodies;
    this.config = config;
    this.router = router;
    this.cells = cells;
    this.metrics = metrics;
    this.envelope = new Envelope(config.limits().maxResponse());
    this.requests = new CellRequests(config.forwardHeaders());
  }

  @Override
  public Response answer(Request request) throws IOException {
    long length = request.contentLength();
    if (length < 0) {
      return Problem.of(Reason.LENGTH_REQUIRED, "Send a Content-Length.").closing();
    }
    int limit = config.limits().maxBody();
    if (length > limit) {
      return Problem.of(Reason.BODY_TOO_LARGE, "The body may have at most " + limit + " bytes.")
          .closing();
    }
    if (!isJson(request.headerValues(HeaderName.CONTENT_TYPE))) {
      return Problem.of(Reason.NOT_JSON, "Send Content-Type: application/json.");
    }
    if (!requests.canPassOn(request)) {
      return Problem.of(
          Reason.MALFORMED_REQUEST, "A header that is passed on to the cell must be ASCII.");
    }
    if (!bodies.tryTake(length)) {
      return Problem.retryLater(
              Problem.of(
                  Reason.ROUTER_OVERLOADED, "Too many large bodies are under way; send it again."),
              RETRY_AFTER_OVERLOAD)
          .closing();
    }
    try {
      return routed(request);
    } finally {
      bodies.give(length);
    }
  }

  private Response routed(Request request) throws IOException {
    byte[] body = request.readBody();
    Snapshot snapshot = cells.snapshot();
    return switch (router.decide(body, snapshot.map())) {
      case Decision.Rejected rejected -> rejected(request, rejected);
      case Decision.Routed(Cell cell, byte[] forCell) -> admitted(request, snapshot, cell, forCell);
    };
  }

  private Response rejected(Request request, Decision.Rejected rejected) {
    if (rejected.reason() == Reason.UNKNOWN_CELL) {
      request.cell(metrics.cell(Metrics.UNKNOWN_CELL), "");
    }
    return Problem.ofField(rejected.reason(), rejected.field(), rejected.detail());
  }

  private Response admitted(Request request, Snapshot snapshot, Cell cell, byte[] body) {
    CellMetrics cellMetrics = metrics.cell(cell.id());
    request.cell(cellMetrics, cell.name());
    Caller caller = new Caller(request.client(), request.client(), false);
    return switch (snapshot.gates().of(cell).admit(cell, caller)) {
      case Admission.Refused(Reason reason, Duration retryAfter, RateLimit limit) ->
          Problem.retryLater(Problem.ofCell(reason, cell.id(), ""), retryAfter)
              .with("X-Cell", cell.id());
      case Admission.Admitted(Admission.Permit permit) -> {
        try (permit) {
          yield forwarded(request, snapshot, cell, cellMetrics, body);
        }
      }
    };
  }

  private Response forwarded(
      Request request, Snapshot snapshot, Cell cell, CellMetrics cellMetrics, byte[] body) {
    Outcome outcome;
    try {
      outcome =
          snapshot
              .clients()
              .of(cell)
              .send(
                  requests.build(request, body),
                  Deadline.after(request.startNanos(), config.timeouts().request()),
                  cell.policy().retry(),
                  snapshot.gates().of(cell).retries());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      // The cell may have acted, so not a 503, which invites to send again.
      return Problem.ofCell(Reason.CELL_RESET, cell.id(), "interrupted").closing();
    }
    request.exchanged(outcome.upstreamNanos());
    Response response =
        switch (outcome) {
          case Outcome.Answered answered -> {
            if (answered.status() >= 500) {
              cellMetrics.upstreamError();
            }
            yield envelope.wrap(cell, answered);
          }
          case Outcome.Failed(Reason reason, String detail, long nanos, int attempts) -> {
            cellMetrics.upstreamError();
            yield Problem.ofCell(reason, cell.id(), detail);
          }
        };
    return response
        .with("X-Cell", cell.id())
        .with("Server-Timing", serverTiming(request, outcome.upstreamNanos()));
  }

  /** The router's own time beside the cell's, in milliseconds (W3C Server Timing). */
  private static String serverTiming(Request request, long upstreamNanos) {
    long own = System.nanoTime() - request.startNanos() - upstreamNanos;
    return "router;dur=" + Millis.format(own) + ", cell;dur=" + Millis.format(upstreamNanos);
  }

  /** Once {@code application/json}, with no charset but UTF-8 (RFC 8259 §8.1 knows no other). */
  private static boolean isJson(List<String> contentTypes) {
    if (contentTypes.size() != 1) {
      return false;
    }
    String contentType = contentTypes.getFirst();
    if (contentType.equals("application/json")) {
      return true;
    }
    String[] parts = contentType.toLowerCase(Locale.ROOT).split(";", -1);
    if (!parts[0].strip().equals("application/json")) {
      return false;
    }
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().replace("\"", "");
      if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return true;
  }
}
