package io.cellrouter.edge.handler;

import io.cellrouter.edge.ApiKeyFilter;
import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Request;
import io.cellrouter.resilience.Caller;

/** Who asks. */
final class Callers {
  /**
   * @param safe whether the request changes nothing
   */
  Caller caller(Request request, boolean safe) {
    String client = request.client();
    String sticky = client.equals(ApiKeyFilter.ANONYMOUS) ? origin(request) : client;
    return new Caller(client, sticky, safe);
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
