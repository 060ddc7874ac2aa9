package io.cellrouter.edge;

import java.util.Locale;

/**
 * The name of a request header, in the one spelling the JDK's server keeps names in: first letter
 * upper case, the rest lower. A type of its own, so that a look-up neither spells it anew for each
 * request (three allocations each in {@code com.sun.net.httpserver.Headers}) nor can misspell it.
 *
 * @param key as the JDK spells it
 */
public record HeaderName(String key) {
  static final HeaderName ACCESS_CONTROL_REQUEST_METHOD = of("Access-Control-Request-Method");
  public static final HeaderName ACCEPT = of("Accept");
  static final HeaderName AUTHORIZATION = of("Authorization");
  static final HeaderName CONNECTION = of("Connection");
  static final HeaderName CONTENT_LENGTH = of("Content-Length");
  public static final HeaderName CONTENT_TYPE = of("Content-Type");
  static final HeaderName EXPECT = of("Expect");
  static final HeaderName HOST = of("Host");
  public static final HeaderName IDEMPOTENCY_KEY = of("Idempotency-Key");
  public static final HeaderName IF_NONE_MATCH = of("If-None-Match");
  static final HeaderName ORIGIN = of("Origin");
  static final HeaderName TRACEPARENT = of("traceparent");
  public static final HeaderName TRACESTATE = of("tracestate");
  static final HeaderName TRANSFER_ENCODING = of("Transfer-Encoding");
  static final HeaderName X_API_KEY = of("X-API-Key");
  public static final HeaderName X_FORWARDED_FOR = of("X-Forwarded-For");
  public static final HeaderName X_PRIORITY = of("X-Priority");
  static final HeaderName X_REQUEST_ID = of("X-Request-ID");
  public static final HeaderName X_REQUEST_TIMEOUT = of("X-Request-Timeout");

  /** The same name, however it is spelt. */
  public static HeaderName of(String name) {
    return new HeaderName(
        name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1).toLowerCase(Locale.ROOT));
  }
}
