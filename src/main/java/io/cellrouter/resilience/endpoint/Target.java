package io.cellrouter.resilience.endpoint;

import io.cellrouter.cell.Cell;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;

/**
 * Where a request is sent, and under which name.
 *
 * @param configured the URL as it stands in the configuration, for people and traces
 * @param api where requests go
 * @param health where probes go
 * @param host the {@code Host} field to send; empty when it is the host of {@code api} anyway
 */
public record Target(Cell.Address configured, URI api, URI health, String host) {

  /** As configured: the JDK's client finds the way. */
  static Target asConfigured(Cell.Address address) {
    return new Target(address, address.api(), address.health(), "");
  }

  /** At one of the addresses behind the configured name. */
  static Target at(Cell.Address configured, InetAddress address) {
    String literal =
        address instanceof Inet6Address
            ? "[" + address.getHostAddress() + "]"
            : address.getHostAddress();
    return new Target(
        configured,
        moved(configured.api(), literal),
        moved(configured.health(), literal),
        hostField(configured.api()));
  }

  /**
   * Written out, as {@link #hashCode}: a record's own are spun out of method handles when they are
   * first asked for, which is before the ports are open, and no cache keeps them (10 ms).
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof Target target
        && configured.equals(target.configured)
        && api.equals(target.api)
        && health.equals(target.health)
        && host.equals(target.host);
  }

  @Override
  public int hashCode() {
    return 31 * api.hashCode() + host.hashCode();
  }

  /** {@code address:port}, the port written out. */
  public String address() {
    return api.getHost() + ":" + port(api);
  }

  /** The port of a URL, the scheme's own when it names none. */
  public static int port(URI url) {
    return url.getPort() >= 0 ? url.getPort() : url.getScheme().equals("https") ? 443 : 80;
  }

  private static URI moved(URI url, String literal) {
    return URI.create(
        url.getScheme()
            + "://"
            + literal
            + (url.getPort() >= 0 ? ":" + url.getPort() : "")
            + url.getRawPath());
  }

  /**
   * What the JDK's client would send for the name itself ({@code Http1Request.hostString}): without
   * the scheme's own port (RFC 9110 §4.2.1).
   */
  private static String hostField(URI url) {
    int own = url.getScheme().equals("https") ? 443 : 80;
    return url.getPort() < 0 || url.getPort() == own
        ? url.getHost()
        : url.getHost() + ":" + url.getPort();
  }
}
