package io.cellrouter.telemetry.trace;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** OTLP over HTTP, in JSON, with a client of its own. Belongs to the exporter's thread. */
final class OtlpTransport implements Transport {
  private final URI traces;
  private final HttpClient client;

  private OtlpTransport(URI traces, HttpClient client) {
    this.traces = traces;
    this.client = client;
  }

  /**
   * Not opened by the constructor of the exporter but on its thread: making a client takes 70 ms
   * and more, which the start of the router need not wait for.
   */
  static Supplier<Transport> to(URI endpoint) {
    return () ->
        new OtlpTransport(
            URI.create(endpoint + "/v1/traces"),
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofSeconds(2))
                .build());
  }

  @Override
  public Result send(byte[] batch, Duration atMost) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(traces)
            .POST(HttpRequest.BodyPublishers.ofByteArray(batch))
            .header("Content-Type", "application/json")
            .header("User-Agent", "cell-router")
            .build();
    CompletableFuture<HttpResponse<String>> exchange =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    try {
      return result(exchange.get(atMost.toNanos(), TimeUnit.NANOSECONDS));
    } catch (ExecutionException e) {
      return new Result.Unavailable(
          e.getCause().getMessage() == null
              ? "no connection (" + e.getCause().getClass().getSimpleName() + ")"
              : e.getCause().getMessage(),
          Duration.ZERO);
    } catch (TimeoutException e) {
      return new Result.Unavailable("no answer within " + atMost.toMillis() + " ms", Duration.ZERO);
    } finally {
      exchange.cancel(true); // Closes the connection of an exchange that has not ended.
    }
  }

  /** Which statuses are worth another attempt is OTLP's to say (OTLP 1.x, "Failures"). */
  private static Result result(HttpResponse<String> response) {
    return switch (response.statusCode()) {
      case 200, 202, 204 -> new Result.Taken(rejected(response.body()));
      case 429, 502, 503, 504 ->
          new Result.Unavailable("status " + response.statusCode(), retryAfter(response));
      default -> new Result.Refused("status " + response.statusCode());
    };
  }

  private static Duration retryAfter(HttpResponse<String> response) {
    try {
      return Duration.ofSeconds(
          Math.clamp(
              response.headers().firstValue("Retry-After").map(Long::parseLong).orElse(0L), 0, 60));
    } catch (NumberFormatException e) {
      return Duration.ZERO; // A date: rare, and our own back-off will do.
    }
  }

  /** {@code {"partialSuccess":{"rejectedSpans":"3"}}}; anything else rejects nothing. */
  private static long rejected(String body) {
    try {
      if (!body.isBlank()
          && JSON.std.mapFrom(body).get("partialSuccess") instanceof Map<?, ?> partial) {
        return Math.max(0, Long.parseLong(String.valueOf(partial.get("rejectedSpans"))));
      }
    } catch (IOException | NumberFormatException e) {
      // The status has said that the batch was taken.
    }
    return 0;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
