package io.cellrouter.edge;

import io.cellrouter.config.LogLevel;
import io.cellrouter.telemetry.CellMetrics;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogLine;
import io.cellrouter.telemetry.Reason;
import java.util.Set;

/** Tells each finished request to the metrics and the log, from the same facts. */
final class AccessLog {
  static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

  private final Log log;
  private final boolean counted;

  /**
   * @param counted whether requests reach the metrics; those of the management listener do not,
   *     since probes and scrapes are not traffic
   */
  AccessLog(Log log, boolean counted) {
    this.log = log.named(counted ? "access" : "management");
    this.counted = counted;
  }

  void record(Request request, Response response, long totalNanos) {
    if (counted) {
      count(request, response, totalNanos);
    }
    LogLevel level = level(response);
    if (log.enabled(level)) {
      log.write(line(level, request, response, totalNanos));
    }
  }

  private void count(Request request, Response response, long totalNanos) {
    CellMetrics cell = request.cell();
    String exemplar = request.trace().sampled() ? request.trace().traceId() : "";
    cell.answered(
        response.status(), label(request.method()), request.client(), totalNanos, exemplar);
    if (request.upstreamNanos() >= 0) {
      cell.exchanged(request.upstreamNanos(), totalNanos, exemplar);
    }
    response.reason().ifPresent(cell::refused);
  }

  private LogLine line(LogLevel level, Request request, Response response, long totalNanos) {
    LogLine line =
        log.line(level, "request")
            .field("request_id", request.id())
            .field("trace_id", request.trace().traceId())
            .fieldIfAny("client", request.client())
            .field("method", request.method())
            .field("path", request.path())
            .field("status", response.status());
    response.reason().map(Reason::code).ifPresent(code -> line.field("reason", code));
    line.fieldIfAny("detail", response.detail())
        .fieldIfAny("cell_id", request.cell().cellId())
        .fieldIfAny("upstream", request.upstream())
        .millis("duration_ms", totalNanos);
    if (request.upstreamNanos() >= 0) {
      line.millis("upstream_ms", request.upstreamNanos());
    }
    return line.field("bytes", response.body().length);
  }

  /** Traffic at INFO, failures at WARN; what probes and scrapes ask, at DEBUG. */
  private LogLevel level(Response response) {
    if (response.status() >= 500) {
      return LogLevel.WARN;
    }
    return counted ? LogLevel.INFO : LogLevel.DEBUG;
  }

  private static String label(String method) {
    return METHODS.contains(method) ? method : "other";
  }
}
