package io.cellrouter.resilience;

/**
 * What a token bucket says of itself after it was asked, for the {@code RateLimit} and {@code
 * RateLimit-Policy} fields (draft-ietf-httpapi-ratelimit-headers).
 *
 * @param name of the limit: {@code cell}, {@code client} or {@code client-cell}
 * @param perSecond tokens that this router gives in the long run
 * @param burst whole tokens that it gives at once, when the bucket is full; at least 1
 * @param remaining whole requests left now
 * @param resetSeconds until there is one more, rounded up
 */
public record RateLimit(
    String name, double perSecond, long burst, long remaining, long resetSeconds) {

  /**
   * Requests that may be used in the window: the burst, in the time that fills it, so that nobody
   * is promised more at once than is ever admitted. A burst that is back sooner than the shortest
   * window there is would tell a fraction of the rate; then it is what the rate gives in one.
   */
  public long quota() {
    return Math.max(burst, (long) perSecond);
  }

  /** Whole seconds, at least 1: the unit of the fields. */
  public long windowSeconds() {
    // Less a breath, since 3 / 0.3 is a little more than 10.
    return Math.max(1, (long) Math.ceil(burst / perSecond - 1e-6));
  }
}
