/**
 * Carries one admitted request to one cell and brings back an {@link
 * io.cellrouter.forward.Outcome}.
 *
 * <p>Invariants: a request that may have reached a cell is sent again only if it may be repeated,
 * and never to another cell; the deadline covers everything up to the last byte of the cell's body,
 * all attempts and the waits between them, and the cell is told what is left of it; what comes back
 * is bounded; each cell has a client, a pool and a selector thread of its own, which outlive every
 * change of the cells that leaves their URLs alone; an exchange that is given up is cancelled,
 * which closes its connection. May be used by {@code route} and what is left of it.
 */
package io.cellrouter.forward;
