package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.TestRouter;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a cell can do to an exchange: status, reason, attempts, and that nothing stays behind. */
class CellFailuresTest {
  private static final String TO_ONE = "{\"cellID\":\"1\"}";
  private static final Map<String, String> SHORT = Map.of("REQUEST_TIMEOUT", "0.3");

  @ParameterizedTest
  @CsvSource({"headers", "body", "drip"})
  void theDeadlineCoversHeadersAndBodyAndClosesTheConnection(String where) throws Exception {
    try (TestRouter router = TestRouter.start(SHORT)) {
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
      router.cell("1").faults(Faults.NONE.with("stall", where));

      HttpResponse<String> answer = router.http().route(TO_ONE);

      assertRefused(504, "deadline_exceeded", answer);
      assertEquals(1, router.cell("1").received().size(), "never sent twice");
      assertEquals(200, router.http().route("{\"cellID\":\"2\"}").statusCode());
      router.cell("1").faults(Faults.NONE);
      assertEquals(200, router.http().route(TO_ONE).statusCode(), "no stray interrupt remains");
      assertInFlightIsZero(router);
      // The probe's and one pooled connection are left at most: the one given up is closed.
      Eventually.isTrue(() -> router.cell("1").connections() <= 2);
    }
  }

  @Test
  void aResetInTheBodyIsTheCellsFaultAndNotRetried() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      router.cell("1").faults(Faults.NONE.with("reset-rate", "1"));

      HttpResponse<String> answer = router.http().route(TO_ONE);

      assertRefused(502, "cell_reset", answer);
      assertEquals(1, router.cell("1").received().size());
      assertMetric(router, "router_upstream_errors_total{cell_id=\"1\",upstream=\"nginx-1\",} 1.0");
      assertMetric(router, "router_refused_total{cell_id=\"1\",reason=\"cell_reset\",} 1.0");
      assertInFlightIsZero(router);
    }
  }

  @Test
  void aRefusedConnectionIsTriedTwiceAndCounted() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = free.getLocalPort();
      free.close();
      try (TestRouter router =
          TestRouter.start(Map.of("NGINX_1_URL", "http://127.0.0.1:" + port))) {
        assertRefused(502, "cell_connect_failed", router.http().route(TO_ONE));
        assertMetric(router, "router_retries_total{cell_id=\"1\",outcome=\"failure\",} 1.0");
      }
    }
  }

  @Test
  void aHostThatCannotBeResolvedIsSaidInTheLog() throws Exception {
    try (TestRouter router = TestRouter.start(Map.of("NGINX_1_URL", "http://cell.invalid"))) {
      HttpResponse<String> answer = router.http().route(TO_ONE);

      assertRefused(502, "cell_connect_failed", answer);
      String id = answer.headers().firstValue("X-Request-ID").orElseThrow();
      assertTrue(router.logLine(id).contains("the host name cannot be resolved"));
    }
  }

  @Test
  void aConnectionThatIsNotEstablishedTimesOutTwice() throws Exception {
    // A backlog of one, filled by ourselves: further SYNs are not answered.
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = new Socket(full.getInetAddress(), full.getLocalPort());
        Socket second = new Socket(full.getInetAddress(), full.getLocalPort());
        TestRouter router =
            TestRouter.start(
                Map.of(
                    "NGINX_1_URL", "http://127.0.0.1:" + full.getLocalPort(),
                    "CONNECT_TIMEOUT", "0.2",
                    "PROBE_INTERVAL", "60"))) {
      assertRefused(504, "cell_connect_timeout", router.http().route(TO_ONE));
      assertMetric(router, "router_retries_total{cell_id=\"1\",outcome=\"failure\",} 1.0");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 200 OK~Content-Length: 100~~short      | 502 | cell_reset | open",
        "~                                                | 502 | cell_closed_connection | open",
        "nonsense~~                                       | 502 | cell_protocol_error | open",
        "HTTP/1.1 999 What~Content-Length: 2~~{}          | 502 | cell_protocol_error | closed",
        "HTTP/1.1 200 OK~Content-Encoding: gzip~Content-Length: 1~~x | 502 | cell_protocol_error | closed",
        "HTTP/1.1 200 OK~Content-Length: 5000~~BIG        | 502 | cell_response_too_large | closed",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~1388~BIG | 502 | cell_response_too_large | closed"
      })
  void whatIsNoAnswerIs502WithItsOwnReasonAndABreakerFailureIfTheExchangeBroke(
      String bytes, int status, String reason, String breaker) throws Exception {
    String wire =
        bytes.strip().equals("~")
            ? ""
            : bytes.replace("~", "\r\n").replace("BIG", "x".repeat(5_000));
    try (CannedCell cell = new CannedCell(wire);
        TestRouter router =
            TestRouter.start(
                Map.of(
                    "NGINX_1_URL", cell.url(),
                    "MAX_RESPONSE_BYTES", "4999",
                    "CELL_BREAKER_MIN_REQUESTS", "1"))) {
      assertRefused(status, reason, router.http().route(TO_ONE));
      assertEquals(breaker, router.breaker("1"));
      assertMetric(router, "router_upstream_errors_total{cell_id=\"1\",upstream=\"nginx-1\",} 1.0");
      assertEquals(1, cell.posts.get(), "never sent twice");
      assertInFlightIsZero(router);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | application/json           | [1,2]          | 200 | [1,2]",
        "500 | application/problem+json   | {\"a\":1}      | 500 | {\"a\":1}",
        "404 | text/plain                 | no \"such\"    | 404 | \"no \\\"such\\\"\"",
        "200 | application/json           | {\"a\":1} }    | 200 | \"{\\\"a\\\":1} }\"",
        "200 | application/json           | {\"a\":        | 200 | \"{\\\"a\\\":\"",
        "302 | text/html                  | moved          | 200 | \"moved\"",
        "200 | application/json; charset=utf-8 | 1.50      | 200 | 1.50"
      })
  void theEnvelopeCarriesWhatTheCellSaidAndCannotBeBrokenOutOf(
      int cells, String type, String body, int ours, String response) throws Exception {
    String wire =
        "HTTP/1.1 "
            + cells
            + " X\r\nContent-Type: "
            + type
            + "\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    try (CannedCell cell = new CannedCell(wire);
        TestRouter router = TestRouter.start(Map.of("NGINX_1_URL", cell.url()))) {
      HttpResponse<String> answer = router.http().route(TO_ONE);

      assertEquals(ours, answer.statusCode());
      assertEquals(
          "{\"cellID\":\"1\",\"upstream\":\"nginx-1\",\"status\":"
              + cells
              + ",\"response\":"
              + response
              + "}",
          answer.body());
      assertMetric(
          router,
          "router_upstream_errors_total{cell_id=\"1\",upstream=\"nginx-1\",} "
              + (cells >= 500 ? "1.0" : "0.0"));
    }
  }

  @Test
  void aRequestPastItsDeadlineIsNotSentAnyMore() throws Exception {
    try (TestRouter router = TestRouter.start(SHORT);
        Wire slow = Wire.connect(router.port())) {
      slow.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          Content-Type: application/json
          Content-Length: 14

          """);
      LockSupport.parkNanos(500_000_000); // Past REQUEST_TIMEOUT, which begins with the headers.
      slow.sendExactly(TO_ONE);

      Wire.Answer answer = slow.answer();
      assertEquals(504, answer.status());
      assertTrue(answer.body().contains("deadline_exceeded"));
      assertEquals(List.of(), router.received());
    }
  }

  @Test
  void textThatGrowsBeyondTheLimitWhenEscapedIsTooLarge() throws Exception {
    String wire =
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\n"
            + "\u0000".repeat(1_000);
    try (CannedCell cell = new CannedCell(wire);
        TestRouter router =
            TestRouter.start(Map.of("NGINX_1_URL", cell.url(), "MAX_RESPONSE_BYTES", "5999"))) {
      assertRefused(502, "cell_response_too_large", router.http().route(TO_ONE));
    }
  }

  @Test
  void aDrainingAndADisabledCellGetNothing() throws Exception {
    Path file = Files.createTempFile("router", ".yaml");
    try (CannedCell cell = new CannedCell("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
      Files.writeString(
          file,
          "cells:\n  a: {url: \""
              + cell.url()
              + "\", state: draining}\n  b: {url: \""
              + cell.url()
              + "\", state: disabled}\n");
      try (TestRouter router = TestRouter.start(Map.of("ROUTER_CONFIG", file.toString()))) {
        HttpResponse<String> draining = router.http().route("{\"cellID\":\"a\"}");
        assertRefused(503, "cell_draining", draining);
        assertEquals("5", draining.headers().firstValue("Retry-After").orElse(""));
        assertRefused(503, "cell_disabled", router.http().route("{\"cellID\":\"b\"}"));
        assertEquals(0, cell.posts.get());
        assertInFlightIsZero(router);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void assertRefused(int status, String reason, HttpResponse<String> answer) {
    assertEquals(reason, Http.json(answer).get("reason"), answer.body());
    assertEquals(status, answer.statusCode());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElse(""));
    assertTrue(answer.headers().firstValue("X-Cell").isPresent());
  }

  /** Counted when the answer is out, so a client may be quicker than the count. */
  private static void assertMetric(TestRouter router, String line) {
    Eventually.isTrue(
        () -> router.management().get("/metrics").body().lines().anyMatch(line::equals));
  }

  private static void assertInFlightIsZero(TestRouter router) {
    assertEquals(
        0L,
        router
            .management()
            .get("/metrics")
            .body()
            .lines()
            .filter(line -> line.startsWith("router_inflight_requests{") && !line.endsWith(" 0.0"))
            .count());
  }

  /** Answers every POST with the same bytes and closes; health checks get a 200. */
  private static final class CannedCell implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger posts = new AtomicInteger();
    private final byte[] wire;

    CannedCell(String wire) throws IOException {
      this.wire = wire.getBytes(StandardCharsets.UTF_8);
      Thread.ofVirtual().start(this::accept);
    }

    String url() {
      return "http://127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
      while (!listener.isClosed()) {
        try (Socket connection = listener.accept()) {
          byte[] request = new byte[4_096];
          int length = connection.getInputStream().read(request);
          boolean post = length > 4 && request[0] == 'P';
          OutputStream out = connection.getOutputStream();
          if (post) {
            posts.incrementAndGet();
            out.write(wire);
          } else {
            out.write(
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
          }
          connection.shutdownOutput();
          connection.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
          // The router gave the connection up, as it should; or we are being closed.
        }
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
