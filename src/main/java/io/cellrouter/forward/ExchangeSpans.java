package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.telemetry.TraceContext;
import io.cellrouter.telemetry.trace.Attributes;
import io.cellrouter.telemetry.trace.Span;
import io.cellrouter.telemetry.trace.Tracer;

/** The span of each attempt to reach one cell, as a child of its request's. */
final class ExchangeSpans {
  private static final String NAME = "POST /api";

  private final Tracer tracer;
  private final Cell cell;
  private final String address;
  private final int port;

  ExchangeSpans(Tracer tracer, Cell cell) {
    this.tracer = tracer;
    this.cell = cell;
    this.address =
        cell.addresses()
            .getFirst()
            .api()
            .getHost()
            .replaceAll("[\\[\\]]", ""); // IPv6 stands in brackets.
    int given = cell.addresses().getFirst().api().getPort();
    this.port = given >= 0 ? given : cell.secure() ? 443 : 80;
  }

  boolean wanted(TraceContext trace) {
    return tracer.records(trace);
  }

  /**
   * @param spanId the one the cell was sent in {@code traceparent}
   * @param startNanos as {@link System#nanoTime}
   */
  void record(TraceContext trace, String spanId, long startNanos, Outcome outcome) {
    Attributes attributes =
        new Attributes()
            .with("http.request.method", "POST")
            .with("url.full", cell.addresses().getFirst().api().toString())
            .with("server.address", address)
            .with("server.port", port)
            .with("cell.id", cell.id());
    boolean failed =
        switch (outcome) {
          case Outcome.Answered answered -> {
            attributes.with("http.response.status_code", answered.status());
            yield answered.status() >= 400; // So the conventions say of the client's side.
          }
          case Outcome.Failed broken -> {
            attributes.with("error.type", broken.reason().code());
            yield true;
          }
        };
    tracer.record(
        new Span(
            trace.traceId(),
            spanId,
            trace.spanId(),
            Span.Kind.CLIENT,
            NAME,
            tracer.epochNanos(startNanos),
            tracer.epochNanos(System.nanoTime()),
            attributes.list(),
            failed));
  }
}
