package io.cellrouter.resilience;

/**
 * What a token bucket says of itself after it was asked, for the {@code RateLimit} and {@code
 * RateLimit-Policy} fields (draft-ietf-httpapi-ratelimit-headers).
 *
 * @param name of the limit: {@code cell}, {@code client} or {@code client-cell}
 * @param quota requests that this router allows in the window
 * @param windowSeconds at least 1
 * @param remaining whole requests left now
 * @param resetSeconds until there is one more, rounded up
 */
public record RateLimit(
    String name, long quota, long windowSeconds, long remaining, long resetSeconds) {}
