package io.cellrouter.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.demo.DemoCell;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A router for the tests of one class, and what wire tests ask of every request: which status and
 * reason, does the connection survive, what reached the cells, what was logged.
 *
 * <p>Requests are text blocks, see {@link Wire#crlf}.
 */
public final class Edge implements BeforeAllCallback, AfterAllCallback {
  /** What an attacker would like to see served after the request under test. */
  private static final String SECOND =
      """
      POST /api/route HTTP/1.1
      Host: second
      Content-Type: application/json
      Content-Length: 14

      {"cellID":"3"}""";

  private static final Map<String, String> SECURITY_HEADERS =
      Map.of(
          "X-Content-Type-Options", "nosniff",
          "X-Frame-Options", "DENY",
          "X-XSS-Protection", "1; mode=block",
          "Strict-Transport-Security", "max-age=31536000; includeSubDomains",
          "Referrer-Policy", "strict-origin-when-cross-origin",
          "Permissions-Policy", "geolocation=(), microphone=(), camera=()");

  private final Map<String, String> settings;
  private TestRouter router;

  private Edge(Map<String, String> settings) {
    this.settings = settings;
  }

  public static Edge withDefaults() {
    return new Edge(Map.of());
  }

  public static Edge with(Map<String, String> settings) {
    return new Edge(settings);
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    router = TestRouter.start(settings);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    router.close();
  }

  public TestRouter router() {
    return router;
  }

  public Wire connect() throws IOException {
    return Wire.connect(router.port());
  }

  /** {@code POST /api/route} with this body in UTF-8 and its right length, as a text block. */
  public static String route(String body) {
    return route(body.getBytes(StandardCharsets.UTF_8));
  }

  /** {@code POST /api/route} with exactly these bytes, which must hold no LF. */
  public static String route(byte[] body) {
    return """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: %d

        %s"""
        .formatted(body.length, new String(body, StandardCharsets.ISO_8859_1));
  }

  /**
   * The router refuses, the connection ends, and a request sent along behind is not served. Nothing
   * reaches a cell.
   */
  public Wire.Answer refuses(String request, int status, String reason) throws IOException {
    return refuses(request, status, reason, false);
  }

  /**
   * The same for a request whose announced body is not sent in full: the answer does not wait for
   * it, the end of the connection waits until the client ends its side.
   */
  public Wire.Answer refusesEarly(String request, int status, String reason) throws IOException {
    return refuses(request, status, reason, true);
  }

  private Wire.Answer refuses(String request, int status, String reason, boolean early)
      throws IOException {
    int before = router.received().size();
    try (Wire wire = connect()) {
      wire.send(request + SECOND);
      Wire.Answer answer = wire.answer();
      assertProblem(answer, status, reason);
      assertEquals("close", answer.header("Connection"));
      if (early) {
        wire.endOutput();
      }
      assertTrue(wire.closed(), "the connection must end right after the refusal");
      assertEquals(before, router.received().size(), "something reached a cell");
      return answer;
    }
  }

  /** The router refuses, the connection survives. Nothing reaches a cell. */
  public Wire.Answer rejects(String request, int status, String reason) throws IOException {
    int before = router.received().size();
    try (Wire wire = connect()) {
      Wire.Answer answer = wire.send(request).answer();
      assertProblem(answer, status, reason);
      assertEquals(before, router.received().size(), "something reached a cell");
      assertTrue(wire.survives(), "the connection must survive");
      return answer;
    }
  }

  /**
   * The JDK's server refuses before the router sees the request: its own answer, nothing behind it.
   */
  public void jdkRefuses(String request, int status) throws IOException {
    int before = router.received().size();
    try (Wire wire = connect()) {
      wire.send(request + SECOND);
      Wire.Answer answer = wire.answer();
      assertEquals(status, answer.status());
      assertEquals("text/html", answer.header("Content-Type"));
      assertEquals("", answer.header("X-Request-ID"), "the router made this answer");
      assertEquals("close", answer.header("Connection"));
      assertTrue(wire.closed(), "the connection must end right after the refusal");
      assertEquals(before, router.received().size(), "something reached a cell");
    }
  }

  /** The JDK's server ends the connection without an answer, at once. */
  public void jdkCuts(String request) throws IOException {
    int before = router.received().size();
    try (Wire wire = connect()) {
      try {
        wire.send(request + SECOND);
      } catch (SocketException e) {
        // Cut while we were still sending: that is what is asked for.
      }
      assertEquals(0, wire.answer().status());
      assertEquals(before, router.received().size(), "something reached a cell");
    }
  }

  /**
   * The JDK's server waits for more, until the client ends its side or a limit cuts it (see {@code
   * SlowClientTest}); there is no answer.
   */
  public void jdkWaits(String request) throws IOException {
    int before = router.received().size();
    try (Wire wire = connect()) {
      wire.send(request).endOutput();
      assertEquals(0, wire.answer().status());
      assertEquals(before, router.received().size(), "something reached a cell");
    }
  }

  /** The request is routed to this cell and reaches it exactly once; the connection survives. */
  public DemoCell.Received routes(String request, String cellId) throws IOException {
    int before = router.received().size();
    int beforeThere = router.cell(cellId).received().size();
    try (Wire wire = connect()) {
      Wire.Answer answer = wire.send(request).answer();
      assertEquals(200, answer.status(), answer.body());
      assertEquals(cellId, answer.header("X-Cell"));
      assertEquals("", answer.header("Connection"));
      assertCommonHeaders(answer);
      assertTrue(wire.survives(), "the connection must survive");
    }
    List<DemoCell.Received> there = router.cell(cellId).received();
    assertEquals(beforeThere + 1, there.size());
    assertEquals(before + 1, router.received().size(), "more reached the cells");
    return there.getLast();
  }

  /** A problem document with these, and a log line that says the same. */
  public void assertProblem(Wire.Answer answer, int status, String reason) throws IOException {
    assertEquals(status, answer.status(), answer.head() + answer.body());
    assertEquals("application/problem+json", answer.header("Content-Type"));
    assertCommonHeaders(answer);
    Map<String, Object> problem = JSON.std.mapFrom(answer.body());
    assertEquals("about:blank", problem.get("type"));
    assertEquals(status, problem.get("status"));
    assertEquals(reason, problem.get("reason"));
    assertTrue(problem.get("title") instanceof String title && !title.isEmpty());
    assertTrue(problem.get("detail") instanceof String detail && !detail.isEmpty());
    Map<String, Object> logged = JSON.std.mapFrom(router.logLine(answer.header("X-Request-ID")));
    assertEquals(status, logged.get("status"));
    assertEquals(reason, logged.get("reason"));
  }

  /** What every answer of the router carries, errors included. */
  public static void assertCommonHeaders(Wire.Answer answer) {
    SECURITY_HEADERS.forEach((name, value) -> assertEquals(value, answer.header(name), name));
    assertTrue(!answer.header("X-Request-ID").isEmpty(), "no request id");
    assertEquals("", answer.header("Server"));
  }
}
