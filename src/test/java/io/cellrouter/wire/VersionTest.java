package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 and HTTP/1.0, and nothing that only looks like them. */
class VersionTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  @Test
  void closesAfterAnHttp10RequestAsHttp10Has() throws IOException {
    try (Wire wire = EDGE.connect()) {
      Wire.Answer answer = wire.send("GET /health HTTP/1.0\n\n").answer();
      assertEquals(200, answer.status());
      assertEquals("close", answer.header("Connection"));
      assertTrue(wire.closed());
    }
  }

  @Test
  void routesAnHttp10RequestWithoutHost() throws IOException {
    int before = EDGE.router().cell("2").received().size();
    try (Wire wire = EDGE.connect()) {
      wire.send(
          """
          POST /api/route HTTP/1.0
          Content-Type: application/json
          Content-Length: 14

          {"cellID":"2"}""");
      Wire.Answer answer = wire.answer();
      assertEquals(200, answer.status());
      assertEquals("2", answer.header("X-Cell"));
      assertTrue(wire.closed());
    }
    assertEquals(before + 1, EDGE.router().cell("2").received().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep-alive", "Keep-Alive"})
  void keepsAnHttp10ConnectionWhenAsked(String connection) throws IOException {
    try (Wire wire = EDGE.connect()) {
      for (int i = 0; i < 2; i++) {
        wire.send("GET /health HTTP/1.0\nConnection: " + connection + "\n\n");
        Wire.Answer answer = wire.answer();
        assertEquals(200, answer.status());
        assertEquals("keep-alive", answer.header("Connection"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Upgrade", "X-Any", "close", "keep-alive, close", ""})
  void closesAnHttp10ConnectionUnlessAskedToKeepIt(String connection) throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send("GET /health HTTP/1.0\nConnection: " + connection + "\n\n");
      Wire.Answer answer = wire.answer();
      assertEquals(200, answer.status());
      assertEquals("close", answer.header("Connection"));
      assertTrue(wire.closed());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/9.9",
        "http/1.1",
        "http/1.0",
        "HTTP/1.2",
        "HTTP/2",
        "HTTP/2.0",
        "HTTP/0.9",
        "HTTP/1",
        "HTTP/01.1",
        "HTTP/1.1x",
        "HTTP/1.1\u000b",
        "HTTP/1.1\0",
        "HTTP/1.1 ",
        "X",
        "ICY/1.1"
      })
  void refusesEveryOtherVersion(String version) throws IOException {
    EDGE.refuses(
        "POST /api/route "
            + version
            + "\nHost: test\nContent-Type: application/json\nContent-Length: 14\n\n"
            + "{\"cellID\":\"1\"}",
        505,
        "http_version");
  }

  @Test
  void answersNoHttp09() throws IOException {
    EDGE.jdkRefuses("GET /health\n", 400);
  }

  /** Its target is {@code *}: the JDK finds no context for it before a version is looked at. */
  @Test
  void doesNotTakeTheHttp2Preface() throws IOException {
    EDGE.jdkRefuses("PRI * HTTP/2.0\n\nSM\n\n", 404);
  }

  @Test
  void doesNotUpgradeToHttp2() throws IOException {
    EDGE.routes(
        """
        POST /api/route HTTP/1.1
        Host: test
        Connection: Upgrade, HTTP2-Settings
        Upgrade: h2c
        HTTP2-Settings: AAMAAABkAAQAAP__
        Content-Type: application/json
        Content-Length: 14

        {"cellID":"1"}""",
        "1");
  }

  /** No answer: there is no line end in it. {@code SlowClientTest} shows that it is cut. */
  @Test
  void doesNotAnswerATlsHello() throws IOException {
    EDGE.jdkWaits(TLS_HELLO);
  }

  /**
   * The beginning of a ClientHello of TLS 1.2, with a record length that never comes to its end.
   */
  static final String TLS_HELLO =
      "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003"
          + "\u00ab\u00ab\u00ab\u00ab\u00ab\u00ab\u00ab\u00ab"
          + "\0\0\u0002";

  @ParameterizedTest
  @ValueSource(strings = {"close", "Close", "keep-alive, close", "close, x", "x ,\tclose"})
  void closesWhenAskedToHoweverThatIsWritten(String connection) throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send("GET /health HTTP/1.1\nHost: test\nConnection: " + connection + "\n\n");
      assertEquals(200, wire.answer().status());
      assertTrue(wire.closed());
    }
  }
}
