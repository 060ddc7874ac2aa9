package io.cellrouter.traffic;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends over the JDK's client; the impatient who hang up in mid-request, over a raw socket. */
final class HttpSender implements Sender {
  /** Longer than a router's default {@code REQUEST_TIMEOUT}, so that its 504 is seen. */
  static final Duration PATIENCE = Duration.ofSeconds(35);

  /** Cannot be a key that somebody has configured by accident. */
  private static final String WRONG_KEY = "cell-router-traffic-wrong-key";

  private final HttpClient client;
  private final URI route;
  private final Optional<String> key;

  /**
   * @param base the router's address, without a slash at its end
   * @param key sent with what may have one; empty when the router asks for none
   */
  HttpSender(HttpClient client, URI base, Optional<String> key) {
    this.client = client;
    this.route = URI.create(base + "/api/route");
    this.key = key;
  }

  /** A client that goes where it is sent and nowhere else. */
  static HttpClient client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .followRedirects(HttpClient.Redirect.NEVER)
        .proxy(HttpClient.Builder.NO_PROXY)
        .connectTimeout(Duration.ofSeconds(5))
        .build();
  }

  @Override
  public Answer send(Shot shot) throws InterruptedException {
    return switch (shot.manner()) {
      case Shot.Manner.Waits() -> send(shot, PATIENCE.toMillis(), new Answer.None("timeout"));
      case Shot.Manner.TimesOut(int millis) -> send(shot, millis, new Answer.GaveUp());
      case Shot.Manner.HangsUp() -> hangUp(shot);
    };
  }

  private Answer send(Shot shot, long millis, Answer whenTimeIsUp) throws InterruptedException {
    CompletableFuture<HttpResponse<Void>> exchange =
        client.sendAsync(request(shot), HttpResponse.BodyHandlers.discarding());
    try {
      HttpResponse<Void> response = exchange.get(millis, TimeUnit.MILLISECONDS);
      return new Answer.Status(
          response.statusCode(), response.headers().firstValue("X-Cell").orElse(""));
    } catch (ExecutionException e) {
      return failure(e.getCause());
    } catch (TimeoutException e) {
      exchange.cancel(true); // Closes the connection too.
      return whenTimeIsUp;
    } catch (InterruptedException e) {
      exchange.cancel(true);
      throw e;
    }
  }

  private Answer hangUp(Shot shot) {
    try {
      HangUp.send(route, header(shot), shot);
      return new Answer.GaveUp();
    } catch (IOException e) {
      return failure(e);
    }
  }

  private HttpRequest request(Shot shot) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(route)
            .POST(HttpRequest.BodyPublishers.ofByteArray(shot.body()))
            .header("Content-Type", shot.contentType())
            .header("User-Agent", "cell-router-traffic");
    header(shot).ifPresent(value -> builder.header("X-API-Key", value));
    return builder.build();
  }

  private Optional<String> header(Shot shot) {
    return switch (shot.key()) {
      case GIVEN -> key;
      case NONE -> Optional.empty();
      case WRONG -> Optional.of(WRONG_KEY);
    };
  }

  private static Answer failure(Throwable error) {
    return switch (error) {
      case ConnectException e -> new Answer.None("refused");
      case HttpConnectTimeoutException e -> new Answer.None("timeout");
      default -> new Answer.None("broken");
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
