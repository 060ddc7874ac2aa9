package io.cellrouter.edge;

import io.cellrouter.telemetry.Reason;
import io.cellrouter.telemetry.trace.Attributes;
import io.cellrouter.telemetry.trace.Span;
import io.cellrouter.telemetry.trace.Tracer;
import java.util.Set;

/**
 * The span of each sampled request of the public listener, named and described as OpenTelemetry's
 * HTTP conventions ask: only paths that exist stand in a name, since a name is what one groups by.
 */
final class ServerSpans {
  private final Tracer tracer;
  private final Set<String> paths;

  ServerSpans(Tracer tracer, Set<String> paths) {
    this.tracer = tracer;
    this.paths = paths;
  }

  void record(Request request, Response response, long totalNanos) {
    if (tracer.records(request.trace())) {
      tracer.record(span(request, response, totalNanos));
    }
  }

  private Span span(Request request, Response response, long totalNanos) {
    boolean knownMethod = AccessLog.METHODS.contains(request.method());
    boolean knownPath = paths.contains(request.path());
    Attributes attributes =
        new Attributes()
            .with("http.request.method", knownMethod ? request.method() : "_OTHER")
            .with("http.route", knownPath ? request.path() : "")
            .with("url.path", request.path())
            .with("http.response.status_code", response.status())
            .with("cell.id", request.cell().cellId())
            .with("router.reason", response.reason().map(Reason::code).orElse(""))
            .with("client", request.client())
            .with("request.id", request.id());
    String method = knownMethod ? request.method() : "HTTP";
    return new Span(
        request.trace().traceId(),
        request.trace().spanId(),
        request.trace().parentSpanId(),
        Span.Kind.SERVER,
        knownPath ? method + " " + request.path() : method,
        tracer.epochNanos(request.startNanos()),
        tracer.epochNanos(request.startNanos() + totalNanos),
        attributes.list(),
        response.status() >= 500);
  }
}
