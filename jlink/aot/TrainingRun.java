import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the ahead-of-time cache: the real router, real sockets, a few thousand real requests, then
 * SIGTERM, because the JVM writes the cache only when it exits normally.
 *
 * <p>Usage: {@code java jlink/aot/TrainingRun.java RUNTIME WORK_FOLDER}
 */
final class TrainingRun {
  // Enough for the profile of the hot path; more only makes the build slower.
  private static final int ROUTED = 3000;
  private static final int CONNECTIONS = 4;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RouterProcess router;

  private TrainingRun(RouterProcess router) {
    this.router = router;
  }

  public static void main(String[] args) throws Exception {
    Path runtime = Path.of(args[0]).toAbsolutePath();
    Path output = Path.of(args[1]).resolve("training.log");
    Path cache = runtime.resolve("lib/router.aot");
    Files.deleteIfExists(cache);
    try (Cells cells = new Cells();
        RouterProcess router =
            RouterProcess.start(runtime, List.of("-XX:AOTCacheOutput=" + cache), cells, output)) {
      TrainingRun training = new TrainingRun(router);
      training.seldom();
      training.often();
      training.client.close();
      router.stop();
      if (!Files.exists(cache)) {
        throw router.failure("wrote no cache");
      }
    }
  }

  /** Each answer that a router gives now and then, so that its classes are in the cache. */
  private void seldom() throws IOException, InterruptedException {
    for (String path :
        List.of("/", "/health", "/ready", "/metrics", "/docs", "/redoc", "/openapi.json")) {
      expect(200, get(router.uri(path)));
    }
    for (String path : List.of("/live", "/ready", "/health", "/metrics", "/cells")) {
      expect(200, get(router.managementUri(path)));
    }
    expect(404, get(router.uri("/nowhere")));
    expect(405, get(router.uri("/api/route")));
    expect(422, route("{\"cellID\":\"99\"}"));
    expect(422, route("{\"cellID\":1}"));
    expect(422, route("not json"));
    expect(401, send(request("{\"cellID\":\"1\"}").build()));
    expect(403, send(request("{\"cellID\":\"1\"}").header("X-API-Key", "wrong").build()));
  }

  /** The one thing that a router does all day, over a few connections at once. */
  private void often() throws InterruptedException {
    AtomicInteger left = new AtomicInteger(ROUTED);
    AtomicInteger wrong = new AtomicInteger();
    Runnable work =
        () -> {
          for (int n = left.getAndDecrement(); n > 0; n = left.getAndDecrement()) {
            if (!routedToItsCell(1 + n % 3)) {
              wrong.incrementAndGet();
            }
          }
        };
    List<Thread> threads =
        java.util.stream.Stream.generate(() -> Thread.ofVirtual().start(work))
            .limit(CONNECTIONS)
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    if (wrong.get() > 0) {
      throw router.failure("answered " + wrong + " of " + ROUTED + " requests wrongly");
    }
  }

  private boolean routedToItsCell(int cell) {
    try {
      HttpResponse<String> response = route("{\"cellID\":\"" + cell + "\"}");
      return response.statusCode() == 200 && response.body().contains("nginx-" + cell);
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  private HttpResponse<String> route(String body) throws IOException, InterruptedException {
    return send(request(body).header("X-API-Key", RouterProcess.KEY).build());
  }

  private HttpRequest.Builder request(String body) {
    return HttpRequest.newBuilder(router.uri("/api/route"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  private HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri).build());
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private void expect(int status, HttpResponse<String> response) {
    if (response.statusCode() != status) {
      String request = response.request().method() + " " + response.uri().getPath();
      throw router.failure(
          "answered %s with %d, not %d".formatted(request, response.statusCode(), status));
    }
  }
}
