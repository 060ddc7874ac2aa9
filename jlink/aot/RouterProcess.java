import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The router as its users start it: the linked runtime, its argument file, a process of its own. */
final class RouterProcess implements AutoCloseable {
  static final String KEY = "training-key";
  static final String ADMIN_KEY = "training-admin-key";
  private static final Duration START = Duration.ofSeconds(60);
  // After the router has ended its JVM may still write what it recorded.
  private static final Duration STOP = Duration.ofMinutes(5);

  private final Process process;
  private final Cells cells;
  private final Path file;
  private final Path output;
  private final int port;
  private final int managementPort;

  /**
   * Starts it and returns once it answers 200 on {@code /ready}.
   *
   * @param options further JVM options, after those of the argument file
   * @param output where its log goes, shown when something fails
   */
  static RouterProcess start(Path runtime, List<String> options, Cells cells, Path output)
      throws IOException, InterruptedException {
    int port = freePort();
    int managementPort = freePort();
    List<String> command = new ArrayList<>();
    command.add(runtime.resolve("bin/java").toString());
    command.add("@" + runtime.resolve("conf/router.options"));
    command.addAll(options);
    command.addAll(List.of("-jar", runtime.resolve("app/cell-router.jar").toString(), "serve"));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    // Options of the caller's shell must not end up in the cache.
    environment.keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
    environment.put("PORT", Integer.toString(port));
    environment.put("MANAGEMENT_PORT", Integer.toString(managementPort));
    environment.put("DRAIN_DELAY", "0");
    environment.put("API_KEY_ENABLED", "true");
    environment.put("API_KEYS_JSON", "{\"" + KEY + "\":\"training\"}");
    environment.put("ADMIN_KEYS_JSON", "{\"" + ADMIN_KEY + "\":\"trainer\"}");
    environment.putAll(cells.environment());
    Path file = output.resolveSibling("training-cells.yaml");
    Files.writeString(file, cells.file(1));
    environment.put("ROUTER_CONFIG", file.toString());
    RouterProcess router =
        new RouterProcess(builder.start(), cells, file, output, port, managementPort);
    try {
      router.awaitReady();
      return router;
    } catch (InterruptedException | RuntimeException e) {
      router.close();
      throw e;
    }
  }

  private RouterProcess(
      Process process, Cells cells, Path file, Path output, int port, int managementPort) {
    this.process = process;
    this.cells = cells;
    this.file = file;
    this.output = output;
    this.port = port;
    this.managementPort = managementPort;
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  URI managementUri(String path) {
    return URI.create("http://127.0.0.1:" + managementPort + path);
  }

  /** Changes the file of the cells, which the router reads again within a second or two. */
  void changeCells(int version) throws IOException {
    Files.writeString(file, cells.file(version));
  }

  private void awaitReady() throws InterruptedException {
    long end = System.nanoTime() + START.toNanos();
    HttpRequest request = HttpRequest.newBuilder(uri("/ready")).timeout(START).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (System.nanoTime() < end && process.isAlive()) {
        try {
          if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // Not listening yet.
        }
        Thread.sleep(20);
      }
    }
    throw failure(process.isAlive() ? "was not ready in time" : "ended with " + process.exitValue());
  }

  /** Sends SIGTERM and waits; the router must end with 0, as it does for its users. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
      throw failure("did not end");
    }
    if (process.exitValue() != 0) {
      throw failure("ended with " + process.exitValue());
    }
  }

  IllegalStateException failure(String what) {
    try {
      List<String> lines = Files.readAllLines(output);
      List<String> last = lines.subList(Math.max(0, lines.size() - 15), lines.size());
      return new IllegalStateException("the router " + what + "\n" + String.join("\n", last));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves no process behind, whatever happened. */
  @Override
  public void close() {
    process.destroyForcibly();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
