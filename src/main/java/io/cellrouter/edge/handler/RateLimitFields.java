package io.cellrouter.edge.handler;

import io.cellrouter.edge.Response;
import io.cellrouter.resilience.RateLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code RateLimit-Policy: "cell";q=100;w=1} and {@code RateLimit: "cell";r=50;t=1}, as lists with
 * an item for each limit (draft-ietf-httpapi-ratelimit-headers-10; RFC 9651 §3.1). Quotas are this
 * replica's part of a limit that all share: what a client that stays here may count on.
 */
final class RateLimitFields {
  private RateLimitFields() {}

  /** Both fields; none when there is no limit. */
  static List<Response.Header> of(List<RateLimit> limits) {
    if (limits.isEmpty()) {
      return List.of();
    }
    List<Response.Header> fields = new ArrayList<>(2);
    fields.add(new Response.Header("RateLimit-Policy", list(limits, each -> policy(each))));
    fields.add(new Response.Header("RateLimit", list(limits, each -> state(each))));
    return fields;
  }

  private static String list(List<RateLimit> limits, Function<RateLimit, String> item) {
    return limits.stream().map(item).collect(Collectors.joining(", "));
  }

  private static String policy(RateLimit limit) {
    return '"' + limit.name() + "\";q=" + limit.quota() + ";w=" + limit.windowSeconds();
  }

  private static String state(RateLimit limit) {
    return '"' + limit.name() + "\";r=" + limit.remaining() + ";t=" + limit.resetSeconds();
  }
}
