package io.cellrouter.forward;

import io.cellrouter.telemetry.TraceContext;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a cell is sent, whatever the client's request looked like on the wire: it is built anew from
 * these parts, so nothing of the client's framing can reach the cell.
 *
 * @param method GET carries no body
 * @param repeatable whether it may be sent again although the cell may have seen it: an idempotent
 *     method (RFC 9110 §9.2.2), or an idempotency key on a cell that is declared idempotent
 * @param clientId empty when the client is not authenticated; the header is left out then
 * @param forwardedFor the client's own chain, if any, with its address appended
 * @param originalUri path and query as the client sent them
 * @param passedOn client headers that the configuration lists
 * @param body JSON, sent as it is; over an array, of which it may be a part
 */
public record CellRequest(
    String method,
    boolean repeatable,
    String requestId,
    String clientId,
    String forwardedFor,
    String originalUri,
    TraceContext trace,
    List<Header> passedOn,
    ByteBuffer body) {

  public CellRequest {
    passedOn = List.copyOf(passedOn);
  }

  /** One header field. */
  public record Header(String name, String value) {}
}
