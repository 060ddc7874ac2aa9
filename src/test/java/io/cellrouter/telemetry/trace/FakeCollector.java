package io.cellrouter.telemetry.trace;

import com.fasterxml.jackson.jr.ob.JSON;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Receives OTLP over HTTP on loopback. */
final class FakeCollector implements AutoCloseable {
  private final HttpServer server;
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private volatile int status = 200;
  private volatile String answer = "{}";

  record Received(String method, String path, String contentType, String body) {}

  FakeCollector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::take);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  void answerWith(int newStatus, String body) {
    status = newStatus;
    answer = body;
  }

  List<Received> received() {
    return List.copyOf(received);
  }

  /** All spans of all batches, as the JSON says them. */
  List<Map<String, Object>> spans() {
    List<Map<String, Object>> spans = new ArrayList<>();
    received.forEach(
        each ->
            spans.addAll(
                list(only(list(only(list(json(each), "resourceSpans")), "scopeSpans")), "spans")));
    return spans;
  }

  static Map<String, Object> json(Received received) {
    try {
      return JSON.std.mapFrom(received.body);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + received.body, e);
    }
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> list(Map<String, Object> object, String member) {
    return (List<Map<String, Object>>) object.get(member);
  }

  static Map<String, Object> only(List<Map<String, Object>> list) {
    if (list.size() != 1) {
      throw new AssertionError("not one but " + list.size());
    }
    return list.getFirst();
  }

  private void take(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    received.add(
        new Received(
            exchange.getRequestMethod(),
            exchange.getRequestURI().getPath(),
            exchange.getRequestHeaders().getFirst("Content-Type"),
            body));
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
