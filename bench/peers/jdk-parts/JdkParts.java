import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * The least router that can be made of the JDK's server on virtual threads and its client, one for each cell: it finds
 * the cell by the one digit after {@code "cellID":}, sends the same request on and the answer back. No limits, checks,
 * deadlines, metrics, logs or security headers. What a router of these parts costs beyond it is its own doing; what
 * it costs itself is the price of the parts.
 *
 * <p>With the argument {@code alone} it asks no cell and signs the answer as the cell would: the price of the server
 * by itself.
 */
public final class JdkParts {
  private static final byte[] MARK = "\"cellID\":".getBytes(StandardCharsets.US_ASCII);

  private final Map<Character, HttpClient> clients = new HashMap<>();
  private final Map<Character, URI> cells = new HashMap<>();

  private final boolean alone;

  private JdkParts(boolean alone) {
    this.alone = alone;
  }

  public static void main(String[] arguments) throws IOException {
    new JdkParts(arguments.length > 0 && arguments[0].equals("alone")).serve(Integer.parseInt(System.getenv("PORT")));
  }

  private void serve(int port) throws IOException {
    for (char id : new char[] {'1', '2', '3'}) {
      // As the router makes its own: the exchange completes on the client's selector thread.
      clients.put(id, HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(Runnable::run).build());
      cells.put(id, URI.create(System.getenv("NGINX_" + id + "_URL") + "/api"));
    }
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 4_096);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/health", exchange -> answer(exchange, 200, "{}".getBytes(StandardCharsets.US_ASCII)));
    server.createContext("/api/route", this::route);
    server.start();
  }

  private void route(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    char id = cell(body);
    if (!cells.containsKey(id)) {
      answer(exchange, 422, "{}".getBytes(StandardCharsets.US_ASCII));
      return;
    }
    if (alone) {
      String text = "{\"cellID\": \"" + id + "\", \"server\": \"nginx-" + id + "\", \"message\": \"Hello from cell " + id + "\"}";
      answer(exchange, 200, text.getBytes(StandardCharsets.US_ASCII));
      return;
    }
    HttpRequest request =
        HttpRequest.newBuilder(cells.get(id))
            .POST(BodyPublishers.ofByteArray(body))
            .setHeader("Content-Type", "application/json")
            .build();
    try {
      byte[] response = clients.get(id).send(request, BodyHandlers.ofByteArray()).body();
      answer(exchange, 200, response);
    } catch (InterruptedException e) {
      exchange.close();
    } catch (IOException e) {
      answer(exchange, 502, "{}".getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static char cell(byte[] body) {
    outer:
    for (int at = 0; at + MARK.length < body.length; at++) {
      for (int i = 0; i < MARK.length; i++) {
        if (body[at + i] != MARK[i]) {
          continue outer;
        }
      }
      int digit = at + MARK.length;
      while (digit < body.length && (body[digit] == ' ' || body[digit] == '"')) {
        digit++;
      }
      return digit < body.length ? (char) body[digit] : 0;
    }
    return 0;
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
