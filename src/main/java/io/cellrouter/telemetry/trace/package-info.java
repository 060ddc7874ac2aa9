/**
 * Spans: what a sampled request and its exchanges with cells took, sent to an OpenTelemetry
 * collector.
 *
 * <p>Invariants: handing over a span never blocks and never fails; what waits is bounded, and the
 * newest is kept; without an endpoint there is no thread, no client and, for a request, one check
 * of a boolean. Why there is an exporter of our own: {@code docs/decisions/tracing.md}. May be used
 * by whatever may use {@code telemetry}; uses only that and {@code config}.
 */
package io.cellrouter.telemetry.trace;
