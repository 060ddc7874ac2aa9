package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.resilience.endpoint.Places;
import java.net.http.HttpClient;
import java.util.List;

/**
 * What a cell keeps through every change that leaves its URLs alone: its connections, and what is
 * known of the places they lead to.
 */
final class Connections implements AutoCloseable {
  private final List<Cell.Address> addresses;
  private final Lazy<HttpClient> client;
  private final Places places;

  Connections(List<Cell.Address> addresses, Lazy<HttpClient> client, Places places) {
    this.addresses = addresses;
    this.client = client;
    this.places = places;
  }

  boolean leadTo(List<Cell.Address> others) {
    return addresses.equals(others);
  }

  HttpClient client() {
    return client.get();
  }

  Places places() {
    return places;
  }

  /** Begins to look names up and makes the HTTP client, rather than for the first request. */
  void prepare() {
    places.start();
    client.get();
  }

  /** Ends the connections, also those of exchanges still under way. */
  @Override
  public void close() {
    places.close();
    client.ifMade(HttpClient::shutdownNow);
  }
}
