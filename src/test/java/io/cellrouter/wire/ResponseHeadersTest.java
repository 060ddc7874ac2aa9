package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every answer of the router carries; that refusals do too is asked of each of them, see
 * {@link Edge#assertProblem}. The JDK's own 400, 404 and 501 carry none of it (docs/edge.md).
 */
class ResponseHeadersTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  @ParameterizedTest
  @CsvSource({
    "GET, /, 200",
    "GET, /health, 200",
    "GET, /metrics, 200",
    "HEAD, /health, 200",
    "OPTIONS, /api/route, 204",
    "GET, /nowhere, 404",
    "POST, /api/route, 411"
  })
  void standOnEveryAnswer(String method, String path, int status) throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(method + " " + path + " HTTP/1.1\nHost: test\nConnection: close\n\n");
      String head = wire.head();
      Wire.Answer answer = new Wire.Answer(Integer.parseInt(head.substring(9, 12)), head, "");
      assertEquals(status, answer.status());
      Edge.assertCommonHeaders(answer);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/live", "/ready", "/cells", "/nowhere"})
  void standOnTheManagementListenersToo(String path) throws IOException {
    try (Wire wire = Wire.connect(EDGE.router().managementPort())) {
      Edge.assertCommonHeaders(wire.send("GET " + path + " HTTP/1.1\nHost: test\n\n").answer());
    }
  }

  @Test
  void standOnAPreflight() throws IOException {
    try (Wire wire = EDGE.connect()) {
      Wire.Answer answer =
          wire.send(
                  """
                  OPTIONS /api/route HTTP/1.1
                  Host: test
                  Origin: https://app.example.com
                  Access-Control-Request-Method: POST

                  """)
              .answer();
      assertEquals(204, answer.status());
      Edge.assertCommonHeaders(answer);
    }
  }

  @Test
  void echoASaneRequestIdOnly() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send("GET / HTTP/1.1\nHost: test\nX-Request-ID: sane-1\n\n");
      assertEquals("sane-1", wire.answer().header("X-Request-ID"));
      for (String odd : new String[] {"a b", "<a>", "\u00e9", "\"", "a".repeat(129)}) {
        wire.send("GET / HTTP/1.1\nHost: test\nX-Request-ID: " + odd + "\n\n");
        assertEquals(true, wire.answer().header("X-Request-ID").matches("[0-9a-f]{32}"));
      }
    }
  }
}
