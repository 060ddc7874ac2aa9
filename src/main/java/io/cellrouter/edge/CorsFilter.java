package io.cellrouter.edge;

import io.cellrouter.config.RouterConfig;
import java.io.IOException;

/**
 * Cross-origin rules for browsers (Fetch standard): {@code *} without credentials, or the caller's
 * origin when it is on the list, with {@code Vary: Origin}. Answers preflights itself.
 */
final class CorsFilter implements Endpoint {
  private static final String ALLOWED_HEADERS =
      "Authorization, Content-Type, Idempotency-Key, X-API-Key, X-Priority, X-Request-ID,"
          + " X-Request-Timeout, traceparent, tracestate";
  private static final String EXPOSED_HEADERS =
      "RateLimit, RateLimit-Policy, Retry-After, Server-Timing, X-Cell, X-Cell-Attempts,"
          + " X-Request-ID";

  private final Endpoint next;
  private final RouterConfig.Cors cors;

  CorsFilter(Endpoint next, RouterConfig.Cors cors) {
    this.next = next;
    this.cors = cors;
  }

  @Override
  public Response answer(Request request) throws IOException {
    String origin = request.header(HeaderName.ORIGIN);
    boolean preflight =
        request.method().equals("OPTIONS")
            && !origin.isEmpty()
            && !request.header(HeaderName.ACCESS_CONTROL_REQUEST_METHOD).isEmpty();
    Response response = preflight ? Response.empty(204) : next.answer(request);
    if (!cors.allowsAny()) {
      response = response.with("Vary", "Origin");
    }
    if (origin.isEmpty() || !(cors.allowsAny() || cors.allowedOrigins().contains(origin))) {
      return response;
    }
    response = response.with("Access-Control-Allow-Origin", cors.allowsAny() ? "*" : origin);
    return preflight
        ? response
            .with("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS")
            .with("Access-Control-Allow-Headers", ALLOWED_HEADERS)
            .with("Access-Control-Max-Age", "600")
        : response.with("Access-Control-Expose-Headers", EXPOSED_HEADERS);
  }
}
