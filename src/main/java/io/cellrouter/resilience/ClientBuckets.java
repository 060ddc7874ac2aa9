package io.cellrouter.resilience;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * One bucket a client. Clients are those of the configured keys and {@code anonymous}, so there are
 * few; beyond {@value #MOST} names (keys that were changed very often) the rest share one.
 */
final class ClientBuckets {
  static final int MOST = 10_000;

  private final LongSupplier clock;
  private final ConcurrentHashMap<String, TokenBucket> byClient = new ConcurrentHashMap<>();
  private final TokenBucket others;

  ClientBuckets(LongSupplier clock) {
    this.clock = clock;
    this.others = new TokenBucket(clock);
  }

  TokenBucket of(String client) {
    TokenBucket known = byClient.get(client);
    if (known != null) {
      return known;
    }
    if (byClient.size() >= MOST) {
      return others;
    }
    return byClient.computeIfAbsent(client, name -> new TokenBucket(clock));
  }
}
