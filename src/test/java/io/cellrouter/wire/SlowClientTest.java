package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that take their time. The router runs in a process of its own with limits of two seconds;
 * each test fails after ten, so the limit is what ends the connection. Meanwhile others are served.
 */
@Tag("system")
class SlowClientTest {
  private static final int BIG = 8_000_000;

  private static DemoCell cell;
  private static BigCell bigCell;
  private static RouterProcess router;

  @BeforeAll
  static void start() throws IOException {
    cell = DemoCell.recording("1");
    bigCell = new BigCell();
    router =
        RouterProcess.start(
            Map.of(
                "NGINX_1_URL",
                cell.url(),
                "NGINX_2_URL",
                bigCell.url(),
                "REQUEST_TIMEOUT",
                "1",
                "MAX_RESPONSE_BYTES",
                Integer.toString(2 * BIG)),
            "-Dsun.net.httpserver.maxReqTime=2",
            "-Dsun.net.httpserver.maxRspTime=2",
            "-Dsun.net.httpserver.idleInterval=2",
            "-Dsun.net.httpserver.clockTick=200");
  }

  @AfterAll
  static void stop() throws IOException {
    router.close();
    cell.close();
    bigCell.close();
  }

  /** One byte after the other, each followed by a whole request of somebody else. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /health HTTP/1.1\r\nHost: test\r\nX-Slow: ",
        "POST /api/route HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
            + "Content-Length: 1000\r\n\r\n{\"cellID\":\"1\",\"payload\":\"",
        "GET /" // not even a line
      })
  void isCutWhileOthersAreServedWhenItDrips(String beginning) throws IOException {
    int others = 0;
    try (Wire wire = Wire.connect(router.port())) {
      wire.sendExactly(beginning);
      while (!wire.cutWithin(100)) {
        assertTrue(others < 100, "not cut in ten seconds and more");
        wire.sendExactly("a");
        assertOthersAreServed();
        others++;
      }
    }
    assertTrue(others > 5, "cut at once, not by the limit: " + others);
    assertEquals(
        0,
        cell.received().stream().filter(each -> each.body().contains("aaa")).count(),
        "the unfinished request was routed");
  }

  /** All at once, since each takes the whole limit. */
  @Test
  void isCutWithoutAnAnswerWhenItFallsSilent() throws IOException {
    List<Wire> silent = new ArrayList<>();
    try {
      for (String request :
          List.of(
              "POST /api/route HTTP/1.1␊Host: test␊Content-Length: 0␊␊", // waits for CR LF
              "GET /health HTTP/1.1\nHost: test\n", // waits for the empty line
              VersionTest.TLS_HELLO,
              Edge.route("{\"cellID\":\"1\"}").replace("14", "15"), // waits for a byte
              "\n\n\n",
              "")) {
        silent.add(Wire.connect(router.port()).send(request));
      }
      for (Wire wire : silent) {
        assertOthersAreServed();
        assertEquals(0, wire.answer().status());
      }
    } finally {
      for (Wire wire : silent) {
        wire.close();
      }
    }
  }

  @Test
  void isCutAfterARefusalWhenItsBodyNeverComes() throws IOException {
    try (Wire wire = Wire.connect(router.port())) {
      wire.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          X-Request-ID: never-comes
          Content-Type: application/json
          Content-Length: 16000001

          """);
      assertEquals(413, wire.answer().status());
      assertTrue(wire.closed());
    }
    // Time the client dawdled is not the router's: the line was written before, and says so.
    Map<String, Object> line = JSON.std.mapFrom(router.logLine("never-comes"));
    assertTrue(((Number) line.get("duration_ms")).doubleValue() < 2_000, line.toString());
  }

  @Test
  void isCutWhenItNeverReads() throws IOException {
    try (Wire wire = Wire.connect(router.port(), 4_096)) {
      wire.send(
          Edge.route("{\"cellID\":\"2\"}").replaceFirst("\n", "\nX-Request-ID: never-reads\n"));
      // The cell is done with it; what it sent counts for as long as it is there.
      Eventually.isTrue(
          () ->
              held() >= BIG
                  && metrics().contains("router_inflight_requests{cell_id=\"2\",} 0.0")
                  && held() >= BIG);
      // The router is done with a request only when it is written: that line is the cut.
      assertOthersAreServed();
      router.logLine("never-reads");
      Eventually.isTrue(() -> held() == 0);
      assertOthersAreServed();

      assertTrue(wire.countRest() < BIG, "the whole answer came");
    }
  }

  @Test
  void isCutWhenItStaysIdle() throws IOException {
    try (Wire wire = Wire.connect(router.port())) {
      assertTrue(wire.survives());
      assertTrue(wire.closed());
    }
  }

  @Test
  void holdsUpNothingOnTheManagementListener() throws IOException {
    try (Wire wire = Wire.connect(router.managementPort())) {
      wire.send("GET /live HTTP/1.1\n");
      assertEquals(200, router.management().get("/live").statusCode());
      assertTrue(wire.closed());
    }
  }

  private static String metrics() {
    return router.management().get("/metrics").body();
  }

  /** Bytes of answers. */
  private static double held() {
    return metrics()
        .lines()
        .filter(line -> line.startsWith("router_answer_bytes "))
        .mapToDouble(line -> Double.parseDouble(line.split(" ", 2)[1]))
        .sum();
  }

  private static void assertOthersAreServed() {
    assertEquals(200, router.http().get("/health").statusCode());
    assertEquals(200, router.http().route("{\"cellID\":\"1\"}").statusCode());
  }

  /** A cell whose answer no kernel buffer takes in whole. */
  private static final class BigCell implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    BigCell() throws IOException {
      Thread.ofVirtual().start(this::accept);
    }

    String url() {
      return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
      while (!listener.isClosed()) {
        try {
          Socket connection = listener.accept();
          Thread.ofVirtual().start(() -> serve(connection));
        } catch (IOException e) {
          if (!listener.isClosed()) {
            throw new UncheckedIOException(e);
          }
        }
      }
    }

    private static void serve(Socket connection) {
      try (connection) {
        InputStream in = connection.getInputStream();
        OutputStream out = connection.getOutputStream();
        String head = "";
        while (!head.endsWith("\r\n\r\n")) {
          int next = in.read();
          if (next < 0) {
            return;
          }
          head += (char) next;
        }
        int length = head.startsWith("GET") ? 0 : BIG;
        out.write(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                .formatted(length)
                .getBytes(StandardCharsets.US_ASCII));
        out.write("x".repeat(length).getBytes(StandardCharsets.US_ASCII));
        out.flush();
        connection.shutdownOutput();
        in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException e) {
        // The router has gone.
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
