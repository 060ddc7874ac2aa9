package io.cellrouter.telemetry.trace;

import io.cellrouter.config.RouterConfig;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.TraceContext;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;

/** Where the parts of the router hand over finished spans. */
public final class Tracer implements AutoCloseable {
  private final boolean recording;
  private final Consumer<Span> sink;
  private final WallClock clock;
  private final Runnable close;

  private Tracer(boolean recording, Consumer<Span> sink, WallClock clock, Runnable close) {
    this.recording = recording;
    this.sink = sink;
    this.clock = clock;
    this.close = close;
  }

  /** Records nothing. */
  public static Tracer off() {
    return new Tracer(false, span -> {}, new WallClock(Clock.systemUTC()), () -> {});
  }

  /** Sends to the configured endpoint; without one, {@link #off}. Registers its metrics. */
  public static Tracer start(
      RouterConfig.Tracing config, BuildInfo build, Metrics metrics, Log log) {
    WallClock clock = new WallClock(Clock.systemUTC());
    Optional<SpanExporter> exporter =
        config
            .endpoint()
            .map(
                endpoint ->
                    new SpanExporter(
                        OtlpTransport.to(endpoint),
                        new OtlpJson(config, build),
                        SpanExporter.Timing.DEFAULT,
                        clock::synchronise,
                        log.named("tracing")));
    metrics.counter(
        "router_spans_sent",
        "Spans that OTEL_EXPORTER_OTLP_ENDPOINT has taken.",
        () -> exporter.map(SpanExporter::sent).orElse(0L));
    metrics.counter(
        "router_spans_dropped",
        "Spans given up since they could not be sent, the oldest first.",
        () -> exporter.map(SpanExporter::dropped).orElse(0L));
    return exporter
        .map(each -> new Tracer(true, each::take, clock, each::close))
        .orElseGet(Tracer::off);
  }

  /** Whether spans of this trace are wanted; ask before making one. */
  public boolean records(TraceContext trace) {
    return recording && trace.sampled();
  }

  /** Hands a span over; never blocks. */
  public void record(Span span) {
    sink.accept(span);
  }

  /** Nanoseconds since 1970 of a {@link System#nanoTime} of not long ago. */
  public long epochNanos(long nanoTime) {
    return clock.epochNanos(nanoTime);
  }

  /** Sends what waits, for at most two seconds. */
  @Override
  public void close() {
    close.run();
  }
}
