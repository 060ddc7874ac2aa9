package io.cellrouter.edge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.Reason;
import io.cellrouter.telemetry.TraceContext;
import io.cellrouter.telemetry.trace.Tracer;
import java.io.EOFException;
import java.io.IOException;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The way of every request of one listener: request id and trace, filters, endpoint, answer, access
 * log and metrics. Nothing thrown below gets past it.
 */
public final class Pipeline implements HttpHandler {
  /** Sane in a header, a log field and a search box. */
  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

  private final Arrivals arrivals = Arrivals.ofHeap();
  private final Endpoint entrance;
  private final ResponseWriter writer;
  private final AccessLog accessLog;
  private final ServerSpans spans;
  private final Ids ids;
  private final Metrics metrics;
  private final Log log;
  private final double sampleRatio;

  private Pipeline(
      Endpoint entrance,
      ResponseWriter writer,
      AccessLog accessLog,
      ServerSpans spans,
      Ids ids,
      Metrics metrics,
      Log log,
      double sampleRatio) {
    this.entrance = entrance;
    this.writer = writer;
    this.accessLog = accessLog;
    this.spans = spans;
    this.ids = ids;
    this.metrics = metrics;
    this.log = log.named("edge");
    this.sampleRatio = sampleRatio;
  }

  /** What all pipelines of a process share. */
  public record Shared(
      RouterConfig config, ServingState state, Ids ids, Metrics metrics, Log log, Tracer tracer) {}

  /** The public listener's: framing → CORS → the routes. */
  public static Pipeline forPublic(Routes routes, Shared shared) {
    Endpoint cors = new CorsFilter(routes, shared.config.cors());
    return build(cors, shared, true, new ServerSpans(shared.tracer, routes.paths()));
  }

  /**
   * The management listener's: framing → the routes. A connection ends with its answer, so that no
   * number of idle ones holds memory ({@link ConnectionLimit}); those who ask here, ask seldom.
   */
  public static Pipeline forManagement(Routes routes, Shared shared) {
    // What probes and scrapes ask is no traffic: it has no spans.
    Endpoint once = request -> routes.answer(request).closing();
    return build(once, shared, false, new ServerSpans(Tracer.off(), Set.of()));
  }

  private static Pipeline build(Endpoint next, Shared shared, boolean counted, ServerSpans spans) {
    return new Pipeline(
        new FramingFilter(next, shared.config.limits().maxHeader()),
        new ResponseWriter(shared.state),
        new AccessLog(shared.log, counted),
        spans,
        shared.ids,
        shared.metrics,
        shared.log,
        shared.config.tracing().sampleRatio());
  }

  Arrivals arrivals() {
    return arrivals;
  }

  /** Requests that were cut while they came in, since too many others did. */
  public long requestsCut() {
    return arrivals.cut();
  }

  @Override
  public void handle(HttpExchange exchange) {
    long start = System.nanoTime();
    RequestHeaders headers = new RequestHeaders(exchange.getRequestHeaders());
    Request request =
        new Request(
            exchange,
            headers,
            start,
            requestId(headers),
            trace(headers),
            metrics.cell(Metrics.NO_CELL),
            arrivals);
    if (!request.bodyPending()) {
      arrivals.arrived();
    }
    Response response;
    try {
      response = answer(request);
      write(request, response);
    } finally {
      request.release();
    }
    long totalNanos = System.nanoTime() - start;
    spans.record(request, response, totalNanos);
    accessLog.record(request, response, totalNanos);
    if (request.bodyPending()) {
      arrivals.answered();
    }
    try {
      writer.finish(request);
    } catch (IOException e) {
      exchange.close();
    }
  }

  private void write(Request request, Response response) {
    try {
      writer.write(request, response);
    } catch (IOException e) {
      request.exchange().close(); // The client has gone; the log tells what it would have got.
    }
  }

  private Response answer(Request request) {
    try {
      return entrance.answer(request);
    } catch (EOFException e) {
      return Problem.of(Reason.BODY_TRUNCATED, "The body ended before its Content-Length.")
          .closing();
    } catch (IOException e) {
      return Problem.of(Reason.BODY_TRUNCATED, "The body could not be read.").closing();
    } catch (RuntimeException | Error e) {
      // An Error too: left alone, it would leave the client without an answer until maxRspTime.
      log.error("unexpected error, request " + request.id(), e);
      return Problem.of(Reason.INTERNAL_ERROR, "The router failed; its log tells more.").closing();
    }
  }

  private String requestId(RequestHeaders headers) {
    String given = headers.first(HeaderName.X_REQUEST_ID);
    return REQUEST_ID.matcher(given).matches() ? given : ids.traceId();
  }

  private TraceContext trace(RequestHeaders headers) {
    String given = headers.first(HeaderName.TRACEPARENT);
    return given.isEmpty()
        ? TraceContext.begin(ids, ids.sampled(sampleRatio))
        : TraceContext.parse(given, ids)
            .orElseGet(() -> TraceContext.begin(ids, ids.sampled(sampleRatio)));
  }
}
