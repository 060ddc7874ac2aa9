package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.support.Edge;
import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names, values, Host, and how much of them. */
class HeaderTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  private static String withHeader(String header) {
    return """
    POST /api/route HTTP/1.1
    Host: test
    %s
    Content-Type: application/json
    Content-Length: 14

    {"cellID":"1"}"""
        .formatted(header);
  }

  private static String numbered(int count, String format) {
    return IntStream.range(0, count).mapToObj(format::formatted).collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "a\u0001b", "a\u0008b", "a\u000bb", "a\u001b[31mb", "a\u007f"})
  void refusesControlCharactersInAValue(String value) throws IOException {
    EDGE.refuses(withHeader("X-Any: " + value), 400, "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"X-\0Any", "X-\u0001Any", "X\u007f", "X(Any)", "X-\u00e9", "X\"", "X@Any"})
  void refusesANameThatIsNoToken(String name) throws IOException {
    EDGE.jdkRefuses(withHeader(name + ": a"), 400);
  }

  @Test
  void takesTabsAndBytesAboveAsciiInAValueItDoesNotUse() throws IOException {
    EDGE.routes(withHeader("X-Any: a\tb \u00e9\u00ff"), "1");
  }

  /** The JDK's client would send each as a question mark: two keys could become one. */
  @Test
  void refusesBytesAboveAsciiInAHeaderThatIsPassedOn() throws IOException {
    EDGE.refuses(withHeader("Idempotency-Key: \u00e9"), 400, "malformed_request");
    EDGE.refuses(
        withHeader("Idempotency-Key: a\nIdempotency-Key: \u00e8"), 400, "malformed_request");
    assertEquals(
        "a!~", EDGE.routes(withHeader("Idempotency-Key: a!~"), "1").header("Idempotency-Key"));
  }

  @Test
  void refusesARequestWithoutHost() throws IOException {
    EDGE.refuses("GET /health HTTP/1.1\nX-Any: thing\n\n", 400, "malformed_request");
  }

  @Test
  void refusesARequestWithoutAnyHeader() throws IOException {
    EDGE.refuses("GET /health HTTP/1.1\n\n", 400, "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "other"})
  void refusesTwoHostsEqualOrNot(String second) throws IOException {
    EDGE.refuses(withHeader("Host: " + second), 400, "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a, b",
        "a,b",
        "a b",
        "a/b",
        "user@a",
        "a?b",
        "a#b",
        "a\\b",
        "<a>",
        "\u00e9.test",
        "a\tb"
      })
  void refusesAHostThatIsNone(String host) throws IOException {
    EDGE.refuses("GET /health HTTP/1.1\nHost: " + host + "\n\n", 400, "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "test:8000", "[::1]:8000", "127.0.0.1", "a-b.c_d", "", "%41"})
  void takesEveryKindOfHost(String host) throws IOException {
    EDGE.rejects("GET /nowhere HTTP/1.1\nHost: " + host + "\n\n", 404, "not_found");
  }

  @Test
  void refusesNineKilobytesOfHeader() throws IOException {
    EDGE.refuses(withHeader("X-Any: " + "a".repeat(9 * 1024)), 431, "headers_too_large");
  }

  @Test
  void refusesNineKilobytesInManyHeaders() throws IOException {
    EDGE.refuses(
        withHeader(numbered(90, "X-Any-%d: " + "a".repeat(100))), 431, "headers_too_large");
  }

  @Test
  void takesSevenKilobytesOfHeader() throws IOException {
    EDGE.routes(withHeader("X-Any: " + "a".repeat(7 * 1024)), "1");
  }

  @Test
  void refuses300HeadersOfDifferentNames() throws IOException {
    EDGE.refuses(withHeader(numbered(300, "X-%d: a")), 431, "headers_too_large");
  }

  /** The JDK's own limit counts distinct names only. */
  @Test
  void refuses300HeadersOfTheSameName() throws IOException {
    EDGE.refuses(withHeader(numbered(300, "X-Any: %d")), 431, "headers_too_large");
  }

  @Test
  void takes100HeadersAndRefuses101() throws IOException {
    EDGE.routes(
        withHeader(numbered(97, "X-%d: a")), "1"); // And three more: Host and the content's.
    EDGE.refuses(withHeader(numbered(98, "X-%d: a")), 431, "headers_too_large");
  }

  /** Beyond {@code maxReqHeaderSize} the JDK cuts without an answer. */
  @Test
  void cuts40KilobytesOfHeader() throws IOException {
    EDGE.jdkCuts(withHeader("X-Any: " + "a".repeat(40 * 1024)));
  }
}
