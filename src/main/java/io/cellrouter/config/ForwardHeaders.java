package io.cellrouter.config;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** {@code FORWARD_HEADERS}: which of a client's headers a cell may be sent as they came. */
final class ForwardHeaders {
  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /**
   * A client's value for one of these must never get through. In this order:
   *
   * <ul>
   *   <li>what belongs to one connection only (RFC 9110 §7.6.1, RFC 9113 §8.2.2), and who was asked
   *   <li>what lists the hops of a request: the router does not extend it, and its own word, {@code
   *       X-Forwarded-For}, would be contradicted by what a client makes up (RFC 7239 §8.1)
   *   <li>what is said to the router: keys, priority, how an answer may be encoded
   *   <li>what the router itself says to a cell
   *   <li>what describes the client's body, which is not the body that the cell gets
   * </ul>
   *
   * <p>Names that only answers have ({@code Server-Timing}, {@code RateLimit}, {@code
   * X-Cell-Attempts}) are not among them: the router sends a cell none of them, and in a request
   * nobody believes them. {@code X-Forwarded-Proto}, {@code X-Forwarded-Host} and {@code X-Real-IP}
   * neither: whoever lists them has a proxy in front that sets them.
   */
  private static final Set<String> NEVER =
      Set.of(
          "connection",
          "expect",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          //
          "forwarded",
          "max-forwards",
          "via",
          //
          "accept-encoding",
          "authorization",
          "x-api-key",
          "x-priority",
          //
          "traceparent",
          "tracestate",
          "user-agent",
          "x-cell-id",
          "x-client-id",
          "x-forwarded-for",
          "x-original-uri",
          "x-request-id",
          "x-request-timeout",
          //
          "content-digest",
          "content-encoding",
          "content-length",
          "content-location",
          "content-range",
          "content-type",
          "digest",
          "repr-digest");

  private ForwardHeaders() {}

  /** The names as they are sent, each once; a name that cannot be among them is a problem. */
  static Set<String> read(Environment env) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : env.list(Setting.FORWARD_HEADERS)) {
      String key = name.toLowerCase(Locale.ROOT);
      if (!HEADER_NAME.matcher(name).matches()) {
        env.problem("FORWARD_HEADERS: \"" + name + "\" is not a header name");
      } else if (NEVER.contains(key)) {
        env.problem(
            "FORWARD_HEADERS: "
                + name
                + " cannot be passed on: it is set by the router, or not meant for the cell");
      } else {
        names.putIfAbsent(key, name);
      }
    }
    return new LinkedHashSet<>(names.values());
  }
}
