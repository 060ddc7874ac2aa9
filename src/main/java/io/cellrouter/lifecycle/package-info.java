/**
 * Starting and stopping: puts the parts together, brings the listeners up, and takes them down in
 * an order that loses no request.
 *
 * <p>Order of a stop: readiness turns 503 → keep serving for the drain delay, closing connections
 * one by one → close the listener → finish what is in flight within its deadline → end probes and
 * clients → flush the log. Used by the composition root only.
 */
package io.cellrouter.lifecycle;
