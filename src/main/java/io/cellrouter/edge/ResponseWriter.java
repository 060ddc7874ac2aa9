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

  private static final List<String> CLOSE = List.of("close");

  private final ServingState state;

  ResponseWriter(ServingState state) {
    this.state = state;
  }

  /**
   * Writes the whole answer. The connection is closed after it when the answer says so, when the
   * router is draining, and when a part of the request's body may still be on its way: it would be
   * taken for the next request, or have to be waited for.
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
      exchange.close();
      return;
    }
    exchange.sendResponseHeaders(response.status(), body.length);
    // Closing the body flushes before the rest of the request is drained; closing the exchange
    // would drain first, and a stalled client would not see its answer.
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
