package io.cellrouter.resilience;

import io.cellrouter.resilience.endpoint.Target;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Probes by {@code GET {url}/health}. The body is thrown away as it comes, and the timeout covers
 * it too: {@link HttpRequest.Builder#timeout} would end at the headers (JDK-8208693).
 */
public final class HttpProbe implements Prober.Probe, AutoCloseable {
  private final Clients maker;
  private final Map<Boolean, HttpClient> clients = new HashMap<>();

  /** Makes a client, when the first cell that needs one of the kind is probed. */
  @FunctionalInterface
  public interface Clients {
    HttpClient create(boolean secure);
  }

  public HttpProbe(Clients maker) {
    this.maker = maker;
  }

  @Override
  public CellHealth.Status check(Target target, Duration timeout) throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target.health()).header("User-Agent", "cell-router-probe");
    if (!target.host().isEmpty()) {
      request.header("Host", target.host());
    }
    HttpClient client = client("https".equals(target.health().getScheme()));
    CompletableFuture<HttpResponse<Void>> exchange =
        client.sendAsync(request.build(), HttpResponse.BodyHandlers.discarding());
    try {
      int status = exchange.get(timeout.toNanos(), TimeUnit.NANOSECONDS).statusCode();
      return status / 100 == 2 ? CellHealth.Status.HEALTHY : CellHealth.Status.UNHEALTHY;
    } catch (ExecutionException e) {
      return CellHealth.Status.UNREACHABLE;
    } catch (TimeoutException e) {
      exchange.cancel(true);
      return CellHealth.Status.UNREACHABLE;
    } catch (InterruptedException e) {
      exchange.cancel(true);
      throw e;
    }
  }

  private synchronized HttpClient client(boolean secure) {
    return clients.computeIfAbsent(secure, maker::create);
  }

  @Override
  public synchronized void close() {
    clients.values().forEach(HttpClient::shutdownNow);
  }
}
