package io.cellrouter.forward;

import io.cellrouter.resilience.endpoint.Target;
import io.cellrouter.telemetry.TraceContext;
import io.cellrouter.telemetry.trace.Attributes;
import io.cellrouter.telemetry.trace.Span;
import io.cellrouter.telemetry.trace.Tracer;
import java.net.URI;

/** The span of each attempt to reach one cell, as a child of its request's. */
final class ExchangeSpans {
  private final Tracer tracer;
  private final String cellId;

  ExchangeSpans(Tracer tracer, String cellId) {
    this.tracer = tracer;
    this.cellId = cellId;
  }

  boolean wanted(TraceContext trace) {
    return tracer.records(trace);
  }

  /**
   * @param spanId the one the cell was sent in {@code traceparent}
   * @param startNanos as {@link System#nanoTime}
   */
  void record(CellRequest request, Target target, String spanId, long startNanos, Outcome outcome) {
    URI url = target.configured().api();
    Attributes attributes =
        new Attributes()
            .with("http.request.method", request.method())
            .with("url.full", url.toString())
            .with("server.address", withoutBrackets(url.getHost()))
            .with("server.port", Target.port(url))
            .with("cell.id", cellId);
    if (!target.host().isEmpty()) {
      attributes.with("network.peer.address", withoutBrackets(target.api().getHost()));
    }
    if (outcome.attempts() > 1) {
      attributes.with("http.request.resend_count", outcome.attempts() - 1);
    }
    boolean failed =
        switch (outcome) {
          case Outcome.Answered answered -> {
            attributes.with("http.response.status_code", answered.status());
            yield answered.status() >= 400; // So the conventions say of the client's side.
          }
          case Outcome.Unusable unusable -> {
            attributes.with("http.response.status_code", unusable.status());
            attributes.with("error.type", unusable.reason().code());
            yield true;
          }
          case Outcome.Failed broken -> {
            attributes.with("error.type", broken.reason().code());
            yield true;
          }
        };
    TraceContext trace = request.trace();
    tracer.record(
        new Span(
            trace.traceId(),
            spanId,
            trace.spanId(),
            Span.Kind.CLIENT,
            request.method() + " /api",
            tracer.epochNanos(startNanos),
            tracer.epochNanos(System.nanoTime()),
            attributes.list(),
            failed));
  }

  /** IPv6 stands in brackets in a URL, and without them in attributes. */
  private static String withoutBrackets(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
