/**
 * The router's side towards clients: listeners, the filters every request passes, and the writing
 * of answers. The endpoints themselves are in {@code edge.handler}.
 *
 * <p>Invariants: every answer goes through {@link io.cellrouter.edge.ResponseWriter} and so carries
 * the security headers and the request id; an answer given before the whole body was read closes
 * the connection; nothing that a client sent is trusted before {@link
 * io.cellrouter.edge.FramingFilter} has seen it. Used by {@code lifecycle} and the composition
 * only.
 */
package io.cellrouter.edge;
