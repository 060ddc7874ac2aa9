package io.cellrouter.edge.handler;

import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Request;
import io.cellrouter.forward.CellRequest;
import io.cellrouter.route.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Makes what a cell is sent out of a client's request; client headers pass only when listed. */
final class CellRequests {
  private static final int MAX_TRACESTATE = 512;

  private final List<Forwarded> forwardHeaders;
  private final boolean keyReachesCell;

  /** A configured header: how it is looked up, and how it is sent. */
  private record Forwarded(HeaderName looked, String name) {}

  CellRequests(Set<String> forwardHeaders) {
    this.forwardHeaders =
        forwardHeaders.stream().map(name -> new Forwarded(HeaderName.of(name), name)).toList();
    this.keyReachesCell =
        forwardHeaders.stream()
            .anyMatch(name -> HeaderName.of(name).key().equals(HeaderName.IDEMPOTENCY_KEY.key()));
  }

  CellRequest build(Request request, Decision.Routed routed) {
    return new CellRequest(
        routed.method().name(),
        isRepeatable(request, routed),
        request.id(),
        request.client(),
        forwardedFor(request),
        request.originalUri(),
        request.trace(),
        passedOn(request),
        routed.body());
  }

  /**
   * Whether the cell may get it twice: the method is idempotent, or the cell is declared to
   * recognise a repetition by its key, has one key to do so, and is sent it.
   */
  private boolean isRepeatable(Request request, Decision.Routed routed) {
    return routed.method().idempotent()
        || (routed.cell().policy().retry().idempotent()
            && keyReachesCell
            && isOne(request.headerValues(HeaderName.IDEMPOTENCY_KEY)));
  }

  private static boolean isOne(List<String> keys) {
    return keys.size() == 1 && !keys.getFirst().isBlank();
  }

  /**
   * Whether all headers to be passed on are ASCII. The JDK's client sends any other character as a
   * question mark, and two idempotency keys that differ only there would become one.
   */
  boolean canPassOn(Request request) {
    for (Forwarded each : forwardHeaders) {
      for (String value : request.headerValues(each.looked)) {
        for (int i = 0; i < value.length(); i++) {
          if (value.charAt(i) > 0x7e) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** The chain as it came, all its lines joined, and our peer behind it. */
  private static String forwardedFor(Request request) {
    List<String> chain = request.headerValues(HeaderName.X_FORWARDED_FOR);
    return chain.isEmpty()
        ? request.peerAddress()
        : String.join(", ", chain) + ", " + request.peerAddress();
  }

  private List<CellRequest.Header> passedOn(Request request) {
    List<CellRequest.Header> headers = List.of();
    for (Forwarded each : forwardHeaders) {
      for (String value : request.headerValues(each.looked)) {
        headers = plus(headers, each.name, value);
      }
    }
    // A tracestate without the caller's own traceparent belongs to no trace (W3C §3.3).
    if (!request.trace().parentSpanId().isEmpty()) {
      String state = String.join(",", request.headerValues(HeaderName.TRACESTATE));
      if (!state.isEmpty() && state.length() <= MAX_TRACESTATE) {
        headers = plus(headers, "tracestate", state);
      }
    }
    return headers;
  }

  private static List<CellRequest.Header> plus(
      List<CellRequest.Header> headers, String name, String value) {
    List<CellRequest.Header> more = new ArrayList<>(headers);
    more.add(new CellRequest.Header(name, value));
    return more;
  }
}
