/**
 * The {@code traffic} command's load: mixed requests at a set pace, what came back, and how it is
 * told.
 *
 * <p>Invariants: requests go to the one address the user named and nowhere else (no redirect, no
 * proxy), only after what answers there has said that it is a cell router, and never faster than
 * {@link io.cellrouter.traffic.Pace#MAX_RATE}; the load is open loop, so a router that slows down
 * is not asked less, and waiting counts; the same seed gives the same requests in the same order.
 * Stands alone beside {@code demo}: used by the composition root only, uses nothing of the router.
 */
package io.cellrouter.traffic;
