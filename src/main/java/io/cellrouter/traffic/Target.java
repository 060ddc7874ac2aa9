package io.cellrouter.traffic;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * What the router at an address says of itself, found out before any load is sent.
 *
 * @param cells configured ones, at least one
 * @param key what to send as API key; empty when none is asked for
 */
record Target(List<String> cells, Optional<String> key) {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final String REFUSED = "connection refused";
  private static final String SERVICE = "Cell Router API";

  private static final Duration ASKED_EVERY = Duration.ofMillis(200);

  /** Ids that are tried when the user names none. */
  private static final int TRIED = 9;

  Target {
    cells = List.copyOf(cells);
  }

  /**
   * Asks {@code GET /}, and which of the cells 1 to {@value #TRIED} there are.
   *
   * @param startsWithin how long connections may be refused, as by a router that is starting
   * @throws NotReadyException when load would make no sense
   */
  static Target find(HttpClient client, Options options, Duration startsWithin)
      throws NotReadyException, InterruptedException {
    Optional<String> key = key(describe(client, options.base(), startsWithin), options);
    return new Target(
        options.cells().isEmpty() ? probe(client, options.base(), key) : options.cells(), key);
  }

  private static Map<String, Object> describe(HttpClient client, URI base, Duration startsWithin)
      throws NotReadyException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/")).timeout(PATIENCE).build();
    try {
      HttpResponse<String> response = ask(client, request, System.nanoTime(), startsWithin);
      if (response.statusCode() == 200) {
        Map<String, Object> described = JSON.std.mapFrom(response.body());
        if (SERVICE.equals(described.get("service"))) {
          return described;
        }
      }
      throw new NotReadyException(
          base
              + " answers GET / with "
              + response.statusCode()
              + ", but not as a cell router does");
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw new NotReadyException(base + " answers, but not as a cell router does");
    } catch (IOException e) {
      throw new NotReadyException(
          "nothing answers at " + base + ": " + why(e) + "; start a router with ./build.sh run");
    }
  }

  private static HttpResponse<String> ask(
      HttpClient client, HttpRequest request, long begun, Duration startsWithin)
      throws IOException, InterruptedException {
    while (true) {
      try {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
      } catch (ConnectException e) {
        // A name that cannot be resolved is a ConnectException as well, and will not come up.
        if (!why(e).equals(REFUSED) || System.nanoTime() - begun >= startsWithin.toNanos()) {
          throw e;
        }
        TimeUnit.NANOSECONDS.sleep(ASKED_EVERY.toNanos());
      }
    }
  }

  private static String why(IOException error) {
    if (error instanceof HttpTimeoutException) {
      return "no answer within " + PATIENCE.toSeconds() + " s";
    }
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException) {
        return "its host name cannot be resolved";
      }
    }
    if (error instanceof ConnectException) {
      return REFUSED;
    }
    return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
  }

  private static Optional<String> key(Map<String, Object> described, Options options)
      throws NotReadyException {
    if (!Boolean.TRUE.equals(described.get("auth_enabled"))) {
      return Optional.empty();
    }
    if (!Boolean.TRUE.equals(described.get("auth_configured"))) {
      throw new NotReadyException("the router asks for API keys, but has none configured");
    }
    if (options.key().isEmpty()) {
      throw new NotReadyException("the router asks for API keys; give one with --key");
    }
    return options.key();
  }

  private static List<String> probe(HttpClient client, URI base, Optional<String> key)
      throws NotReadyException, InterruptedException {
    List<String> ids = IntStream.rangeClosed(1, TRIED).mapToObj(Integer::toString).toList();
    List<CompletableFuture<HttpResponse<Void>>> probes =
        ids.stream()
            .map(
                id ->
                    client.sendAsync(probe(base, id, key), HttpResponse.BodyHandlers.discarding()))
            .toList();
    long end = System.nanoTime() + PATIENCE.toNanos();
    List<String> found = new ArrayList<>();
    for (int i = 0; i < probes.size(); i++) {
      if (isCell(probes.get(i), end - System.nanoTime())) {
        found.add(ids.get(i));
      }
    }
    if (found.isEmpty()) {
      throw new NotReadyException(
          "none of the cells 1 to " + TRIED + " is configured; name those there are with --cells");
    }
    return found;
  }

  private static HttpRequest probe(URI base, String id, Optional<String> key) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(base + "/api/route"))
            .POST(HttpRequest.BodyPublishers.ofString("{\"cellID\":\"" + id + "\"}"))
            .header("Content-Type", "application/json");
    key.ifPresent(value -> builder.header("X-API-Key", value));
    return builder.build();
  }

  /** Every answer but "unknown" speaks of a cell; so does none, since only a cell can hang. */
  private static boolean isCell(CompletableFuture<HttpResponse<Void>> probe, long nanos)
      throws NotReadyException, InterruptedException {
    try {
      HttpResponse<Void> response = probe.get(Math.max(0, nanos), TimeUnit.NANOSECONDS);
      if (response.statusCode() == 401 || response.statusCode() == 403) {
        throw new NotReadyException(
            "the router refuses the key (status " + response.statusCode() + ")");
      }
      return response.statusCode() != 422 || response.headers().firstValue("X-Cell").isPresent();
    } catch (TimeoutException e) {
      probe.cancel(true);
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }
}
