package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import io.cellrouter.support.Http;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeenTest {
  @ParameterizedTest
  @CsvSource({
    "200, '', '', 200",
    "500, '', '', 500",
    "502, cell_reset, '', 502 cell_reset",
    "503, breaker_open, 1, 503 breaker_open",
    "503, bulkhead_full, '', 503 bulkhead_full with Retry-After ''",
    "503, router_overloaded, 0, 503 router_overloaded with Retry-After '0'",
    "503, draining, 0.5, 503 draining with Retry-After '0.5'",
    "429, rate_limit_cell, soon, 429 rate_limit_cell with Retry-After 'soon'",
  })
  void aRefusalMustSayWhenToAskAgain(int status, String reason, String after, String seen)
      throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body =
              (reason.isEmpty() ? "{}" : "{\"reason\":\"" + reason + "\"}")
                  .getBytes(StandardCharsets.US_ASCII);
          if (!after.isEmpty()) {
            exchange.getResponseHeaders().set("Retry-After", after);
          }
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      assertEquals(seen, Seen.in(new Http(server.getAddress().getPort()).get("/")));
    } finally {
      server.stop(0);
    }
  }
}
