import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Three cells for a router under training. They live in the training process, so that the router's
 * cache holds the router's classes and profile and nothing of a cell's.
 */
final class Cells implements AutoCloseable {
  private final List<HttpServer> servers = new ArrayList<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  Cells() throws IOException {
    for (int cell = 1; cell <= 3; cell++) {
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

  /** The variables that tell a router where these cells are. */
  Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < servers.size(); i++) {
      String url = "http://127.0.0.1:" + servers.get(i).getAddress().getPort();
      variables.put("NGINX_" + (i + 1) + "_URL", url);
    }
    return variables;
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
