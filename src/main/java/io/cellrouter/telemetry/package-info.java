/**
 * What the router tells about itself: metrics, JSON logs, trace context, and the one list of {@link
 * io.cellrouter.telemetry.Reason reasons}.
 *
 * <p>Invariants: label values are bounded; no API key and no body reaches a log; a log line is one
 * JSON object whatever a client sent; nothing here blocks a request. May be used by every package
 * but {@code config}, uses only {@code config}.
 */
package io.cellrouter.telemetry;
