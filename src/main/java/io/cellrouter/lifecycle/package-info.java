/**
 * Starting, changing and stopping: puts the parts together, brings the listeners up, puts changes
 * of the cells in force while requests are under way, and takes all down in an order that loses no
 * request.
 *
 * <p>Changes have one writer, {@link io.cellrouter.lifecycle.Reloader}: the last good configuration
 * and the overrides on top of it become one immutable snapshot, swapped in as a whole.
 *
 * <p>Order of a stop: readiness turns 503 → keep serving for the drain delay, closing connections
 * one by one → close the listener → finish what is in flight within its deadline → end probes and
 * clients → flush the log. Used by the composition root only.
 */
package io.cellrouter.lifecycle;
