package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.support.Edge;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The request target (RFC 9112 §3.2). */
class TargetTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  private static String post(String target) {
    return """
    POST %s HTTP/1.1
    Host: test
    Content-Type: application/json
    Content-Length: 14

    {"cellID":"1"}"""
        .formatted(target);
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\nHost: test\n\n";
  }

  /** RFC 9112 §3.2.2 asks servers to. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://test/api/route",
        "http://other:81/api/route",
        "https://test/api/route",
        "HTTP://test/api/route"
      })
  void takesAbsoluteForm(String target) throws IOException {
    assertEquals("/api/route", EDGE.routes(post(target), "1").header("X-Original-URI"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://test/api/route",
        "x:/api/route",
        "http:/api/route",
        "http:///api/route",
        "file:///api/route"
      })
  void refusesOtherSchemesAndOnesWithoutAHost(String target) throws IOException {
    EDGE.refuses(post(target), 400, "malformed_request");
  }

  /** RFC 9110 §4.2.4: it only ever hides where a request goes. */
  @Test
  void refusesAUserInAnAbsoluteForm() throws IOException {
    EDGE.refuses(post("http://user@test/api/route"), 400, "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/route#x", "/api/route?a#x", "http://test/api/route#x"})
  void refusesAFragment(String target) throws IOException {
    EDGE.refuses(post(target), 400, "malformed_request");
  }

  /** What a front would compare with its rules is what the router compares. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "//x/health", // For java.net.URI the host x and the path /health.
        "//x/metrics",
        "/x/../health",
        "/./health",
        "/health/",
        "/health;a=b",
        "/%68ealth",
        "/health%00",
        "/HEALTH",
        "/api%2froute",
        "///health",
        "http://test//health"
      })
  void comparesThePathAsItStands(String target) throws IOException {
    EDGE.rejects(get(target), 404, "not_found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"//health", "*", "health", "http://test"})
  void knowsNothingThatDoesNotBeginWithASlash(String target) throws IOException {
    EDGE.jdkRefuses(get(target), 404);
  }

  @Test
  void passesTheQueryOnAsItCame() throws IOException {
    assertEquals(
        "/api/route?a=%0d%0aX-Evil:%201&b=%00",
        EDGE.routes(post("/api/route?a=%0d%0aX-Evil:%201&b=%00"), "1").header("X-Original-URI"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/a\0b", "/a\u0001", "/a\u001b[1m", "/a\u007f", "/a\tb", "/%zz", "/a|b", "/a\\b"})
  void refusesWhatNoUriHolds(String target) throws IOException {
    EDGE.jdkRefuses(get(target), 400);
  }

  /** The JDK takes what stands before the blank; docs/edge.md says what follows from that. */
  @Test
  void takesTheFirstPartOfATargetWithABlankInIt() throws IOException {
    assertEquals(
        "/api/route", EDGE.routes(post("/api/route /../admin"), "1").header("X-Original-URI"));
    EDGE.rejects(get("/nowhere /health"), 404, "not_found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "GET/healthHTTP/1.1", "GET\t/health\tHTTP/1.1", "GET /health"})
  void refusesARequestLineWithoutItsTwoBlanks(String line) throws IOException {
    EDGE.jdkRefuses(line + "\nHost: test\n\n", 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {" GET /health HTTP/1.1", "GET  /health HTTP/1.1"})
  void findsNoTargetWhereBlanksAreOutOfPlace(String line) throws IOException {
    EDGE.jdkRefuses(line + "\nHost: test\n\n", 404);
  }

  @Test
  void refusesATargetOf10Kilobytes() throws IOException {
    EDGE.refuses(get("/" + "a".repeat(10 * 1024)), 414, "uri_too_long");
    EDGE.refuses(get("/health?" + "a".repeat(10 * 1024)), 414, "uri_too_long");
  }

  @Test
  void takesATargetOf7Kilobytes() throws IOException {
    EDGE.rejects(get("/" + "a".repeat(7 * 1024)), 404, "not_found");
  }

  /** Beyond {@code maxReqHeaderSize} the JDK cuts without an answer. */
  @Test
  void cutsATargetOf64Kilobytes() throws IOException {
    EDGE.jdkCuts(get("/" + "a".repeat(64 * 1024)));
  }
}
