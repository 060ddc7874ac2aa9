package io.cellrouter.edge;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;

/** Writes answers: the one place where headers that every response carries are added. */
final class ResponseWriter {
  /** Names in the capitalisation {@link Headers} keeps them in, values shared by all responses. */
  private static final Map<String, List<String>> ALWAYS =
      Map.of(
          "X-content-type-options", List.of("nosniff"),
          "X-frame-options", List.of("DENY"),
          "X-xss-protection", List.of("1; mode=block"),
          "Strict-transport-security", List.of("max-age=31536000; includeSubDomains"),
          "Referrer-policy", List.of("strict-origin-when-cross-origin"),
          "Permissions-policy", List.of("geolocation=(), microphone=(), camera=()"));

  /**
   * Bytes written at once. The JDK's server keeps a buffer of twice the longest single write for
   * the rest of the connection's life ({@code Request.WriteStream}): a megabyte written whole would
   * cost two for each idle connection.
   */
  private static final int CHUNK = 8 * 1_024;

  private static final List<String> CLOSE = List.of("close");

  private final ServingState state;

  ResponseWriter(ServingState state) {
    this.state = state;
  }

  /**
   * Writes the whole answer; {@link #finish} has to follow. The connection is closed after it when
   * the answer says so, when the router is draining, and when a part of the request's body may
   * still be on its way: it would be taken for the next request, or have to be waited for.
   */
  void write(Request request, Response response) throws IOException {
    HttpExchange exchange = request.exchange();
    Headers headers = exchange.getResponseHeaders();
    headers.putAll(ALWAYS);
    headers.set("X-request-id", request.id());
    if (!response.contentType().isEmpty()) {
      headers.set("Content-type", response.contentType());
    }
    for (Response.Header header : response.headers()) {
      headers.add(header.name(), header.value());
    }
    if (response.close() || request.bodyPending() || state.stage() == ServingState.Stage.DRAINING) {
      headers.put("Connection", CLOSE);
    }
    boolean head = request.method().equals("HEAD");
    byte[] body = response.body();
    if (head || body.length == 0) {
      if (head && body.length > 0) {
        headers.set("Content-length", Integer.toString(body.length)); // RFC 9110 §9.3.2
      }
      exchange.sendResponseHeaders(response.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(response.status(), body.length);
    OutputStream out = exchange.getResponseBody();
    for (int from = 0; from < body.length; from += CHUNK) {
      out.write(body, from, Math.min(CHUNK, body.length - from));
    }
    out.flush();
  }

  /**
   * Ends the exchange. Reads and drops what is left of the request first, up to the server's {@code
   * drainAmount}, and so may last as long as a client cares to dawdle: {@code maxReqTime}.
   */
  void finish(Request request) throws IOException {
    request.exchange().getResponseBody().close();
  }
}
