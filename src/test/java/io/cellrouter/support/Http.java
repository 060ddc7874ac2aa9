package io.cellrouter.support;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** Requests to one port of a router, as a well-behaved client sends them. */
public record Http(int port) {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** {@code headers} are name, value, name, value, … */
  public HttpResponse<String> get(String path, String... headers) {
    return send(request(path, headers).GET().build());
  }

  public HttpResponse<String> post(String path, String body, String... headers) {
    HttpRequest.Builder builder = request(path, headers);
    if (builder.build().headers().firstValue("Content-Type").isEmpty()) {
      builder.header("Content-Type", "application/json");
    }
    return send(builder.POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  /** {@code POST /api/route}. */
  public HttpResponse<String> route(String body, String... headers) {
    return post("/api/route", body, headers);
  }

  public HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20));
    return headers.length == 0 ? builder : builder.headers(headers);
  }

  public HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("no answer to " + request, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** A JSON object as a map. */
  public static Map<String, Object> json(HttpResponse<String> response) {
    try {
      return JSON.std.mapFrom(response.body());
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + response.body(), e);
    }
  }
}
