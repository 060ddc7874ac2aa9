import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Three cells for a router under training, the second of them with two addresses. They live in the training process, so that the router's
 * cache holds the router's classes and profile and nothing of a cell's.
 */
final class Cells implements AutoCloseable {
  private final List<HttpServer> servers = new ArrayList<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  Cells() throws IOException {
    for (int cell : new int[] {1, 2, 3, 2}) {
      String answer = "{\"cellID\": \"%1$d\", \"server\": \"nginx-%1$d\", \"message\": \"hello\"}".formatted(cell);
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(executor);
      server.createContext("/api", exchange -> answer(exchange, "application/json", answer));
      server.createContext("/health", exchange -> answer(exchange, "text/plain", "healthy\n"));
      server.start();
      servers.add(server);
    }
  }

  /** The variables that tell a router where the first of these cells is. */
  Map<String, String> environment() {
    return Map.of("NGINX_1_URL", url(1));
  }

  /**
   * The file that tells where the others are, with what protects all of them, as it is mounted in
   * production.
   *
   * @param version a later one is a change that the router takes over while it runs
   */
  String file(int version) {
    return """
        version: %d
        defaults:
          max_in_flight: %d
          adaptive: true
          breaker_failure_statuses: 500-599
          rate: 100000
          client_rate: 100000
        cells:
          "1":
            name: nginx-1
          "2":
            name: nginx-2
            urls: [%s, %s]
          "3":
            name: nginx-3
            url: %s
            state: active
            retry_idempotent: true
        clients:
          training: {rate: 100000, burst: 100000}
        """
        .formatted(version, 127 + version, url(2), url(4), url(3));
  }

  private String url(int cell) {
    return "http://127.0.0.1:" + servers.get(cell - 1).getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, String type, String text) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    executor.close();
  }
}
