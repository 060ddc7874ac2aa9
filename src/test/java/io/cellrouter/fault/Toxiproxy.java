package io.cellrouter.fault;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Toxiproxy before one cell: for what happens on the network between the router and a cell. */
final class Toxiproxy implements AutoCloseable {
  private static final Path PROGRAM = Path.of(".tools", "bin", "toxiproxy");

  private final Process process;
  private final Http api;
  private final String url;

  private Toxiproxy(Process process, Http api, String url) {
    this.process = process;
    this.api = api;
    this.url = url;
  }

  static Toxiproxy before(int cellPort) throws IOException {
    if (!Files.isExecutable(PROGRAM)) {
      throw new AssertionError(
          PROGRAM + " is missing: scripts/install-dependencies.sh toxiproxy makes it");
    }
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "-host", "127.0.0.1", "-port", "" + port)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Eventually.isTrue(() -> listens(port));
      Http api = new Http(port);
      HttpResponse<String> made =
          api.post(
              "/proxies",
              JSON.std.asString(
                  Map.of(
                      "name",
                      "cell",
                      "listen",
                      "127.0.0.1:0",
                      "upstream",
                      "127.0.0.1:" + cellPort,
                      "enabled",
                      true)));
      return new Toxiproxy(process, api, "http://" + Http.json(ok(made)).get("listen"));
    } catch (AssertionError e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static boolean listens(int port) {
    try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return connection.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private static HttpResponse<String> ok(HttpResponse<String> answer) {
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError("toxiproxy: " + answer.statusCode() + " " + answer.body());
    }
    return answer;
  }

  String url() {
    return url;
  }

  /** Connections are made and requests come through; of the answers not a byte does. */
  void swallowAnswers() {
    toxic("timeout", "downstream", Map.of("timeout", 0));
  }

  /**
   * @param type and attributes as Toxiproxy's own documentation lists them
   * @param stream downstream is from the cell to the router
   */
  void toxic(String type, String stream, Map<String, Object> attributes) {
    try {
      ok(
          api.post(
              "/proxies/cell/toxics",
              JSON.std.asString(
                  Map.of(
                      "name", "fault", "type", type, "stream", stream, "attributes", attributes))));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Takes the toxic away. */
  void heal() {
    ok(
        api.send(
            HttpRequest.newBuilder(api.request("/proxies/cell/toxics/fault").build().uri())
                .DELETE()
                .build()));
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
