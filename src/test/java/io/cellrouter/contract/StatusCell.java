package io.cellrouter.contract;

import com.fasterxml.jackson.jr.ob.JSON;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A cell that answers as the payload asks: {@code {"status":404,"type":"text/plain","body":"…"}}.
 */
final class StatusCell implements AutoCloseable {
  private final HttpServer server;

  StatusCell() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", StatusCell::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    byte[] asked = exchange.getRequestBody().readAllBytes();
    Map<String, Object> wanted = asked.length == 0 ? Map.of() : JSON.std.mapFrom(asked);
    exchange
        .getResponseHeaders()
        .set("Content-Type", wanted.getOrDefault("type", "application/json").toString());
    byte[] body = wanted.getOrDefault("body", "{}").toString().getBytes(StandardCharsets.UTF_8);
    int status = wanted.get("status") instanceof Integer number ? number : 200;
    boolean bodiless = status == 204 || status == 304;
    exchange.sendResponseHeaders(status, bodiless ? -1 : body.length);
    if (!bodiless) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
