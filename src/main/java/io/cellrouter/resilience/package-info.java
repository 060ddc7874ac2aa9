/**
 * What keeps one cell's trouble in that cell: admission to it and knowledge of its health.
 *
 * <p>Invariants: every admitted request gives its permit back exactly once; nothing here makes a
 * request wait for a cell; probes have a client, connections and deadlines of their own, so that
 * they neither disturb requests nor are held up by them. May be used by {@code forward} and what is
 * left of it; uses {@code cell}, {@code telemetry} and {@code config}.
 */
package io.cellrouter.resilience;
