package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Probes by {@code GET {url}/health}. The body is thrown away as it comes, and the timeout covers
 * it too: {@link HttpRequest.Builder#timeout} would end at the headers (JDK-8208693).
 */
public final class HttpProbe implements Prober.Probe, AutoCloseable {
  private final HttpClient client;

  public HttpProbe(HttpClient client) {
    this.client = client;
  }

  @Override
  public CellHealth.Status check(Cell cell, Duration timeout) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(cell.addresses().getFirst().health())
            .header("User-Agent", "cell-router-probe")
            .build();
    CompletableFuture<HttpResponse<Void>> exchange =
        client.sendAsync(request, HttpResponse.BodyHandlers.discarding());
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

  @Override
  public void close() {
    client.shutdownNow();
  }
}
