package io.cellrouter.route;

/**
 * A well-formed request to be routed.
 *
 * @param cellId 1 to 10 characters, not yet known to be configured
 * @param method the cell is to be asked with
 * @param payload the {@code payload} member as its bytes stand in the body, empty when there is
 *     none
 */
public record RouteRequest(String cellId, CellMethod method, byte[] payload) {}
