package io.cellrouter.telemetry;

import java.util.Optional;

/**
 * The W3C trace context of one request.
 *
 * @param traceId 32 lower-case hex digits
 * @param parentSpanId the caller's span, 16 lower-case hex digits; empty when the trace begins here
 * @param spanId the router's own span
 */
public record TraceContext(String traceId, String parentSpanId, String spanId, boolean sampled) {
  private static final int LENGTH = 55;

  /** A trace that begins here. */
  public static TraceContext begin(Ids ids, boolean sampled) {
    return new TraceContext(ids.traceId(), "", ids.spanId(), sampled);
  }

  /**
   * Goes on with the caller's trace. A header that is not valid is ignored as a whole (W3C Trace
   * Context §3.2.2): version 00 of exactly 55 characters, or a later version whose first 55 read
   * the same; lower-case hex, ids not all zero, version not ff.
   */
  public static Optional<TraceContext> parse(String header, Ids ids) {
    if (header.length() < LENGTH
        || (header.length() > LENGTH && (header.startsWith("00") || header.charAt(LENGTH) != '-'))
        || header.charAt(2) != '-'
        || header.charAt(35) != '-'
        || header.charAt(52) != '-'
        || header.startsWith("ff")
        || !hex(header, 0, 2)
        || !hex(header, 3, 35)
        || !hex(header, 36, 52)
        || !hex(header, 53, 55)
        || zero(header, 3, 35)
        || zero(header, 36, 52)) {
      return Optional.empty();
    }
    boolean sampled = (Character.digit(header.charAt(54), 16) & 1) == 1;
    return Optional.of(
        new TraceContext(header.substring(3, 35), header.substring(36, 52), ids.spanId(), sampled));
  }

  /** The header for an exchange whose own span is {@code span}. */
  public String traceparent(String span) {
    return "00-" + traceId + "-" + span + (sampled ? "-01" : "-00");
  }

  private static boolean hex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean zero(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }
}
