package io.cellrouter.edge.handler;

import io.cellrouter.edge.ApiKeyFilter;
import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Request;
import io.cellrouter.forward.Deadline;
import io.cellrouter.resilience.Caller;
import io.cellrouter.resilience.Priority;
import java.util.List;
import java.util.Set;

/** Who asks, and how much it matters. */
final class Callers {
  private final Set<String> trusted;

  /**
   * @param trusted clients whose {@code X-Priority} is believed
   */
  Callers(Set<String> trusted) {
    this.trusted = trusted;
  }

  /**
   * @param safe whether the request changes nothing
   * @param deadline how long the caller waits
   */
  Caller caller(Request request, boolean safe, Deadline deadline) {
    String client = request.client();
    String sticky = client.equals(ApiKeyFilter.ANONYMOUS) ? origin(request) : client;
    return new Caller(client, sticky, safe, deadline.atNanos());
  }

  /** Normal, unless a trusted client says otherwise in words we know, once. */
  Priority priority(Request request) {
    if (trusted.isEmpty()) {
      return Priority.NORMAL;
    }
    List<String> words = request.headerValues(HeaderName.X_PRIORITY);
    if (words.size() != 1 || !trusted.contains(request.client())) {
      return Priority.NORMAL;
    }
    return Priority.of(words.getFirst());
  }

  /**
   * Where an anonymous request comes from: the first address of the forwarded-for chain, which a
   * client may make up. It only decides who is in a cell's share, so whoever does fools himself.
   */
  private static String origin(Request request) {
    String chain = request.header(HeaderName.X_FORWARDED_FOR);
    int comma = chain.indexOf(',');
    String first = (comma < 0 ? chain : chain.substring(0, comma)).strip();
    return first.isEmpty() ? request.peerAddress() : first;
  }
}
