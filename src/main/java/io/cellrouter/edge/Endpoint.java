package io.cellrouter.edge;

import java.io.IOException;

/**
 * Answers a request. Filters are endpoints that hold the next one, so the order of a request's way
 * is the order in which {@link Pipeline} nests them.
 */
@FunctionalInterface
public interface Endpoint {
  /**
   * @throws IOException when the client can no longer be read from; no answer will reach it
   */
  Response answer(Request request) throws IOException;
}
