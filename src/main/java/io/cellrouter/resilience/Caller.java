package io.cellrouter.resilience;

/**
 * Who asks, as far as admission looks at it.
 *
 * @param client name of the authenticated client, or {@code anonymous}
 * @param sticky what a cell's share is measured by: the same text is always on the same side of it
 * @param safe whether the request changes nothing (RFC 9110 §9.2.1)
 */
public record Caller(String client, String sticky, boolean safe) {}
