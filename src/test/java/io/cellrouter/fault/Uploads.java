package io.cellrouter.fault;

import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Clients of one cell that send a megabyte each, again and again. */
final class Uploads implements AutoCloseable {
  /**
   * Milliseconds; without it refusals alone would keep this machine busy. From half to one and a
   * half of it, for clients that all come in the same moment, since they were refused or ran out of
   * time in the same one, would show how long this machine takes for sixty megabytes.
   */
  private static final int PAUSE = 1_000;

  private static final byte[] FILL = "x".repeat(1_000_000).getBytes(StandardCharsets.US_ASCII);

  private final RouterProcess router;
  private final String cell;
  private final ExecutorService threads;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, Integer> answers = new ConcurrentHashMap<>();
  private volatile boolean over;

  private Uploads(RouterProcess router, String cell, int clients) {
    this.router = router;
    this.cell = cell;
    this.threads = Executors.newFixedThreadPool(clients);
  }

  static Uploads start(RouterProcess router, String cell, int clients) {
    Uploads uploads = new Uploads(router, cell, clients);
    for (int i = 0; i < clients; i++) {
      uploads.threads.execute(uploads::send);
    }
    return uploads;
  }

  private void send() {
    while (!over) {
      LockSupport.parkNanos(
          TimeUnit.MILLISECONDS.toNanos(
              ThreadLocalRandom.current().nextInt(PAUSE / 2, PAUSE * 3 / 2)));
      try {
        count(Seen.in(client.send(request(), HttpResponse.BodyHandlers.ofString())));
      } catch (IOException e) {
        count("none"); // Refused before the body was sent: the connection ends then.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private HttpRequest request() {
    String begin =
        "{\"cellID\":\"%s\",\"payload\":{\"id\":\"%s\",\"fill\":\""
            .formatted(cell, UUID.randomUUID());
    return router
        .http()
        .request("/api/route", "Content-Type", "application/json")
        .POST(
            HttpRequest.BodyPublishers.concat(
                HttpRequest.BodyPublishers.ofString(begin),
                HttpRequest.BodyPublishers.ofByteArray(FILL),
                HttpRequest.BodyPublishers.ofString("\"}}")))
        .build();
  }

  private void count(String seen) {
    answers.merge(seen, 1, Integer::sum);
  }

  /** How often each came, as {@link Seen} says; {@code none} is no answer. */
  Map<String, Integer> answers() {
    return Map.copyOf(answers);
  }

  @Override
  public void close() throws InterruptedException {
    over = true;
    client.shutdownNow();
    threads.shutdownNow();
    if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
      throw new AssertionError("uploads did not end");
    }
  }
}
