package io.cellrouter.fault;

import java.net.http.HttpResponse;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a client sees of an answer, in a few words: the outcome of a {@link Shot}. */
final class Seen {
  private static final Pattern REASON = Pattern.compile("\"reason\":\"(\\w+)\"");

  /** Refusals that nothing was done for: the client may ask again and must be told when. */
  private static final Set<String> SAY_WHEN =
      Set.of(
          "breaker_open",
          "bulkhead_full",
          "router_overloaded",
          "rate_limit_client",
          "rate_limit_client_cell",
          "rate_limit_cell",
          "starting",
          "draining");

  /** Whole seconds (RFC 9110 §10.2.3), at least one. */
  private static final Pattern SECONDS = Pattern.compile("[1-9]\\d{0,8}");

  private Seen() {}

  /**
   * {@code 200}, a status and its reason ({@code 503 breaker_open}), or a status alone when the
   * cell itself gave it. A refusal that lacks a {@code Retry-After} it must have says so, so that
   * it is not the outcome that any trial expects.
   */
  static String in(HttpResponse<String> answer) {
    Matcher reason = REASON.matcher(answer.body());
    if (answer.statusCode() == 200 || !reason.find()) {
      return Integer.toString(answer.statusCode());
    }
    String outcome = answer.statusCode() + " " + reason.group(1);
    String after = answer.headers().firstValue("Retry-After").orElse("");
    return SAY_WHEN.contains(reason.group(1)) && !SECONDS.matcher(after).matches()
        ? outcome + " with Retry-After '" + after + "'"
        : outcome;
  }
}
