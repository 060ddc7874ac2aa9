package io.cellrouter.cell;

import io.cellrouter.config.CellConfig;
import java.net.URI;

/**
 * One cell, with what a request needs of it worked out once.
 *
 * @param api where requests are forwarded, {@code {url}/api}
 * @param health where it is probed, {@code {url}/health}
 */
public record Cell(String id, String name, URI api, URI health, CellConfig.CellState state) {
  public static Cell of(CellConfig config) {
    return new Cell(
        config.id(),
        config.name(),
        URI.create(config.url() + "/api"),
        URI.create(config.url() + "/health"),
        config.state());
  }

  /** Whether the cell is spoken to over TLS. */
  public boolean secure() {
    return "https".equals(api.getScheme());
  }
}
