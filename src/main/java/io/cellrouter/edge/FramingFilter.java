package io.cellrouter.edge;

import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * Refuses, with the connection closed, every request that two HTTP implementations could read
 * differently and that the JDK's server lets through (it accepts {@code +5} as a length, control
 * bytes in values, any method, version and number of Host headers; chunk sizes overflow in it).
 * What it normalises before any filter runs is listed in {@code docs/edge.md}.
 */
final class FramingFilter implements Endpoint {
  private static final int MAX_HEADERS = 100;

  /** Name, colon, space and line end of a header on the wire. */
  private static final int HEADER_OVERHEAD = 4;

  private final Endpoint next;
  private final int maxHeader;

  /**
   * @param maxHeader bytes of request line and headers together
   */
  FramingFilter(Endpoint next, int maxHeader) {
    this.next = next;
    this.maxHeader = maxHeader;
  }

  @Override
  public Response answer(Request request) throws IOException {
    String protocol = request.exchange().getProtocol();
    if (!protocol.equals("HTTP/1.1") && !protocol.equals("HTTP/1.0")) {
      return refuse(Reason.HTTP_VERSION, "This server speaks HTTP/1.1 and HTTP/1.0.");
    }
    // Before anything else is said about the body: its chunk sizes overflow at 32 bits in the JDK.
    if (request.headers().has(HeaderName.TRANSFER_ENCODING)) {
      return refuse(
          Reason.LENGTH_REQUIRED, "Send a Content-Length; Transfer-Encoding is not accepted.");
    }
    URI target = request.exchange().getRequestURI();
    int size = target.toString().length();
    if (size > maxHeader) {
      return refuse(Reason.URI_TOO_LONG, "The request target is longer than " + maxHeader + ".");
    }
    if (!Grammar.isToken(request.method()) || !Grammar.isTarget(target)) {
      return refuse(
          Reason.MALFORMED_REQUEST, "The method or the target is not one (RFC 9112 §3.1, §3.2).");
    }
    int count = 0;
    for (Map.Entry<String, List<String>> header : request.headers().entries()) {
      for (String value : header.getValue()) {
        count++;
        size += header.getKey().length() + value.length() + HEADER_OVERHEAD;
        if (!Grammar.isFieldValue(value)) {
          return refuse(
              Reason.MALFORMED_REQUEST,
              "A header value holds a control character (RFC 9110 §5.5).");
        }
      }
    }
    if (count > MAX_HEADERS || size > maxHeader) {
      return refuse(
          Reason.HEADERS_TOO_LARGE,
          "At most " + MAX_HEADERS + " headers and " + maxHeader + " bytes of them.");
    }
    List<String> hosts = request.headerValues(HeaderName.HOST);
    if (hosts.size() > 1 || (hosts.isEmpty() && protocol.equals("HTTP/1.1"))) {
      return refuse(Reason.MALFORMED_REQUEST, "Exactly one Host header is needed (RFC 9112 §3.2).");
    }
    if (!hosts.isEmpty() && !Grammar.isHost(hosts.getFirst())) {
      return refuse(Reason.MALFORMED_REQUEST, "The Host header is not a host (RFC 9112 §3.2).");
    }
    if (!Grammar.isLength(request.headerValues(HeaderName.CONTENT_LENGTH))) {
      return refuse(
          Reason.MALFORMED_REQUEST, "Content-Length must be digits only (RFC 9110 §8.6).");
    }
    for (String expect : request.headerValues(HeaderName.EXPECT)) {
      if (!expect.isEmpty() && !expect.equalsIgnoreCase("100-continue")) {
        return refuse(Reason.EXPECTATION_FAILED, "Only Expect: 100-continue is understood.");
      }
    }
    boolean close = asksToClose(request) || (protocol.equals("HTTP/1.0") && !asksToKeep(request));
    return close ? next.answer(request).closing() : next.answer(request);
  }

  private static Response refuse(Reason reason, String detail) {
    return Problem.of(reason, detail).closing();
  }

  /** The JDK's server notices {@code close} only when it is the whole value. */
  private static boolean asksToClose(Request request) {
    for (String value : request.headerValues(HeaderName.CONNECTION)) {
      if (value.length() == 5 ? value.equalsIgnoreCase("close") : listsClose(value)) {
        return true;
      }
    }
    return false;
  }

  /** As the JDK's server understands it: it says keep-alive to HTTP/1.0 for this value only. */
  private static boolean asksToKeep(Request request) {
    return request.header(HeaderName.CONNECTION).equalsIgnoreCase("keep-alive");
  }

  private static boolean listsClose(String value) {
    if (value.indexOf(',') < 0) {
      return false;
    }
    for (String option : value.split(",", -1)) {
      if (option.strip().equalsIgnoreCase("close")) {
        return true;
      }
    }
    return false;
  }
}
