package io.cellrouter.route;

import java.nio.ByteBuffer;

/**
 * A well-formed request to be routed.
 *
 * @param cellId 1 to 10 characters, not yet known to be configured
 * @param method the cell is to be asked with
 * @param payload the {@code payload} member as its bytes stand in the body, and there: a copy would
 *     be a second megabyte that nothing has paid for; empty when there is none
 */
public record RouteRequest(String cellId, CellMethod method, ByteBuffer payload) {}
