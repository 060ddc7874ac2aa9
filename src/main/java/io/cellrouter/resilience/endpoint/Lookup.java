package io.cellrouter.resilience.endpoint;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Finds the addresses of a host name; {@link InetAddress#getAllByName}, or a fake one. */
@FunctionalInterface
public interface Lookup {
  /**
   * May take as long as the resolver of the system likes.
   *
   * @return at least one
   * @throws UnknownHostException when there are none, or nobody could be asked
   */
  InetAddress[] all(String host) throws UnknownHostException;
}
