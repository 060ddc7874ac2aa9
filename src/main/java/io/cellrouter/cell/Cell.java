package io.cellrouter.cell;

import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellPolicy;
import java.net.URI;
import java.util.List;

/**
 * One cell, with what a request needs of it worked out once.
 *
 * @param addresses at least one
 * @param share percent of its clients that are admitted, 0 to 100
 */
public record Cell(
    String id,
    String name,
    List<Address> addresses,
    CellConfig.CellState state,
    int share,
    CellPolicy policy) {

  /**
   * One of the places where the cell can be reached.
   *
   * @param api where requests are forwarded, {@code {url}/api}
   * @param health where it is probed, {@code {url}/health}
   */
  public record Address(URI api, URI health) {
    static Address of(URI url) {
      return new Address(URI.create(url + "/api"), URI.create(url + "/health"));
    }
  }

  public Cell {
    addresses = List.copyOf(addresses);
  }

  public static Cell of(CellConfig config) {
    return new Cell(
        config.id(),
        config.name(),
        config.urls().stream().map(Address::of).toList(),
        config.state(),
        config.share(),
        config.policy());
  }

  /** Whether the cell is spoken to over TLS. */
  public boolean secure() {
    return "https".equals(addresses.getFirst().api().getScheme());
  }
}
