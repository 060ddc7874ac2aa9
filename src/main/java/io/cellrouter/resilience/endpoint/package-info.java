/**
 * The places where one cell can be reached: which there are (its URLs, and the addresses behind
 * their names, looked up in the background), which of them gets the next request, and which is left
 * out for a while.
 *
 * <p>Invariants: no request waits for a name lookup once a first one has ended; addresses once
 * known stay until others take their place, whatever becomes of DNS; the last place that is not
 * ejected is never ejected; each use of a place ends exactly once. All places of an {@link
 * io.cellrouter.resilience.endpoint.Endpoints} belong to one cell: there is no way from here to
 * another. Used by {@code forward} and by the probes.
 */
package io.cellrouter.resilience.endpoint;
