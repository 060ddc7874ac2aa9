import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** What a client says to a router, with the answers that it must get. */
final class Conversation implements AutoCloseable {
  private static final Duration RELOADED = Duration.ofSeconds(20);

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RouterProcess router;

  Conversation(RouterProcess router) {
    this.router = router;
  }

  /** One of each: every page, from the jar too, and every kind of refusal. */
  void everyAnswer() throws IOException, InterruptedException {
    for (String path : List.of("/", "/health", "/ready", "/metrics")) {
      expect(200, get(router.uri(path)));
    }
    // Read from the jars, of which the runtime holds only what is asked for here (SlimWebJars).
    for (String path : List.of("/docs", "/redoc", "/openapi.json")) {
      expect(200, get(router.uri(path)));
    }
    for (String file :
        List.of("/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/redoc/redoc.standalone.js")) {
      expect(200, get(router.uri(file)));
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
    expect(200, route("{\"cellID\":\"1\",\"method\":\"GET\"}"));
    expect(200, route("{\"cellID\":\"2\",\"payload\":{\"order\":1}}"));
    expect(200, send(keyed("{\"cellID\":\"3\"}").header("X-Request-Timeout", "2.5").build()));
    changesWhileItRuns();
  }

  /** A cell drained and taken back by an operator, and another file. */
  private void changesWhileItRuns() throws IOException, InterruptedException {
    expect(200, change("{\"cellID\":\"1\",\"state\":\"draining\",\"expires_in\":60,\"reason\":\"training\"}"));
    expect(503, route("{\"cellID\":\"1\"}"));
    expect(200, change("{\"cellID\":\"1\",\"clear\":true}"));
    router.changeCells(2);
    long end = System.nanoTime() + RELOADED.toNanos();
    while (!get(router.managementUri("/cells")).body().contains("\"max_in_flight\":129")) {
      if (System.nanoTime() > end) {
        throw router.failure("did not read its cells again");
      }
      Thread.sleep(50);
    }
  }

  private HttpResponse<String> change(String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(router.managementUri("/cells"))
            .header("Content-Type", "application/json")
            .header("X-API-Key", RouterProcess.ADMIN_KEY)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  /** The one thing that a router does all day. */
  boolean routedToItsCell(int cell) {
    try {
      HttpResponse<String> response = route("{\"cellID\":\"" + cell + "\"}");
      return response.statusCode() == 200 && response.body().contains("nginx-" + cell);
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  private HttpResponse<String> route(String body) throws IOException, InterruptedException {
    return send(keyed(body).build());
  }

  private HttpRequest.Builder keyed(String body) {
    return request(body).header("X-API-Key", RouterProcess.KEY);
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

  @Override
  public void close() {
    client.close();
  }
}
