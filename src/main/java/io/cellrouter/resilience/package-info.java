/**
 * What keeps one cell's trouble in that cell, and too much of everything out of the router:
 * admission ({@link io.cellrouter.resilience.CellGate} with its breaker, bulkhead and rates, {@link
 * io.cellrouter.resilience.ClientRates}, {@link io.cellrouter.resilience.LoadShedder}) and
 * knowledge of the cells' health.
 *
 * <p>Invariants: every admitted request gives its permit back exactly once; a request waits for a
 * place only if the cell's policy says so, and never longer than that; what was counted is kept
 * apart from what is allowed, which comes with each request from its snapshot; time and randomness
 * are passed in. Probes have a client, connections and deadlines of their own, so that they neither
 * disturb requests nor are held up by them. May be used by {@code forward} and what is left of it;
 * uses {@code cell}, {@code telemetry} and {@code config}.
 */
package io.cellrouter.resilience;
