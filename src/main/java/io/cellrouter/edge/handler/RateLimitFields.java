package io.cellrouter.edge.handler;

import io.cellrouter.edge.Response;
import io.cellrouter.resilience.RateLimit;
import java.util.List;

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
    StringBuilder policies = new StringBuilder(64);
    StringBuilder states = new StringBuilder(64);
    for (RateLimit limit : limits) {
      name(policies, limit).append(";q=").append(limit.quota());
      policies.append(";w=").append(limit.windowSeconds());
      name(states, limit).append(";r=").append(limit.remaining());
      states.append(";t=").append(limit.resetSeconds());
    }
    return List.of(
        new Response.Header("RateLimit-Policy", policies.toString()),
        new Response.Header("RateLimit", states.toString()));
  }

  private static StringBuilder name(StringBuilder list, RateLimit limit) {
    if (!list.isEmpty()) {
      list.append(", ");
    }
    return list.append('"').append(limit.name()).append('"');
  }
}
