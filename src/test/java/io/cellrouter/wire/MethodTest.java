package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Methods are case-sensitive (RFC 9110 §9.1). */
class MethodTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  @ParameterizedTest
  @ValueSource(strings = {"/", "/health", "/ready", "/metrics"})
  void answersHeadLikeGetWithoutTheBody(String path) throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send("HEAD " + path + " HTTP/1.1\nHost: test\n\nGET / HTTP/1.1\nHost: test\n\n");
      // Wire would read a body of the announced length: of HEAD only the headers may be there.
      String head = wire.head();
      assertTrue(head.startsWith("HTTP/1.1 200"), head);
      assertTrue(head.contains("Content-length: "), head);
      assertTrue(wire.head().startsWith("HTTP/1.1 200"), "a body came after HEAD");
    }
  }

  @Test
  void answersHeadWithAnErrorWithoutABodyToo() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send("HEAD /nowhere HTTP/1.1\nHost: test\n\nGET / HTTP/1.1\nHost: test\n\n");
      assertTrue(wire.head().startsWith("HTTP/1.1 404"));
      assertTrue(wire.head().startsWith("HTTP/1.1 200"), "a body came after HEAD");
    }
  }

  @ParameterizedTest
  @CsvSource({"/api/route, 'OPTIONS, POST'", "/health, 'GET, HEAD, OPTIONS'"})
  void answersOptionsWithWhatIsAllowed(String path, String allow) throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send("OPTIONS " + path + " HTTP/1.1\nHost: test\n\n");
      Wire.Answer answer = wire.answer();
      assertEquals(204, answer.status());
      assertEquals(allow, answer.header("Allow"));
      assertEquals("", answer.header("Content-Length"));
      Edge.assertCommonHeaders(answer);
      assertTrue(wire.survives());
    }
  }

  @Test
  void answersOptionsOfTheWholeServerWithTheJdks404() throws IOException {
    EDGE.jdkRefuses("OPTIONS * HTTP/1.1\nHost: test\n\n", 404);
  }

  @Test
  void answersOptionsOfAnUnknownPathWith404() throws IOException {
    EDGE.rejects("OPTIONS /nowhere HTTP/1.1\nHost: test\n\n", 404, "not_found");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET", "PUT", "DELETE", "PATCH", "TRACE", "post", "Post", "FOO", "M-SEARCH"})
  void refusesEveryMethodButPostOnTheRoute(String method) throws IOException {
    Wire.Answer answer =
        EDGE.rejects(method + " /api/route HTTP/1.1\nHost: test\n\n", 405, "method_not_allowed");
    assertEquals("OPTIONS, POST", answer.header("Allow"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "post"})
  void closesWhenTheRefusedMethodBroughtABody(String method) throws IOException {
    EDGE.refuses(
        """
        %s /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: 14

        {"cellID":"1"}"""
            .formatted(method),
        405,
        "method_not_allowed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "Get", "head", "POST", "BREW"})
  void refusesEveryMethodButGetAndHeadElsewhere(String method) throws IOException {
    Wire.Answer answer =
        EDGE.rejects(method + " /health HTTP/1.1\nHost: test\n\n", 405, "method_not_allowed");
    assertEquals("GET, HEAD, OPTIONS", answer.header("Allow"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"G\0T", "G\u001bT", "\u007f", "G\u00cbT", "G@T", "\"GET\"", "G␊T", "G␍T"})
  void refusesAMethodThatIsNoToken(String method) throws IOException {
    EDGE.refuses(method + " /health HTTP/1.1\nHost: test\n\n", 400, "malformed_request");
  }

  @Test
  void cutsConnect() throws IOException {
    EDGE.jdkCuts("CONNECT test:443 HTTP/1.1\nHost: test:443\n\n");
    EDGE.jdkRefuses("CONNECT 127.0.0.1:443 HTTP/1.1\nHost: 127.0.0.1:443\n\n", 400);
  }
}
