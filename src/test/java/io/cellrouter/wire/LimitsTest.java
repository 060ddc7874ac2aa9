package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits that the configuration sets, at their very edge. */
class LimitsTest {
  @RegisterExtension
  static final Edge EDGE =
      Edge.with(
          Map.of(
              "MAX_BODY_BYTES", "1000",
              "MAX_HEADER_BYTES", "2000",
              "API_KEY_ENABLED", "true",
              "API_KEYS_JSON", "{\"k1\":\"one\"}"));

  private static String post(String headers, int length) {
    return """
    POST /api/route HTTP/1.1
    Host: test
    Content-Type: application/json
    %s
    Content-Length: %d

    %s"""
        .formatted(headers, length, "{\"cellID\":\"1\"}" + " ".repeat(length - 14));
  }

  @Test
  void takesABodyOfTheLimitAndRefusesOneByteMore() throws IOException {
    EDGE.routes(post("X-API-Key: k1", 1_000), "1");
    EDGE.refuses(post("X-API-Key: k1", 1_001), 413, "body_too_large");
  }

  @Test
  void refusesABodyBeyondTheLimitBeforeItComes() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          X-API-Key: k1
          Content-Type: application/json
          Content-Length: 1001

          """);
      Wire.Answer answer = wire.answer();
      EDGE.assertProblem(answer, 413, "body_too_large");
      assertEquals("close", answer.header("Connection"));
      assertTrue(wire.endOutput().closed());
    }
  }

  @Test
  void refusesATargetOrHeadersBeyondTheLimit() throws IOException {
    EDGE.refuses("GET /" + "a".repeat(2_000) + " HTTP/1.1\nHost: test\n\n", 414, "uri_too_long");
    EDGE.refuses(
        "GET / HTTP/1.1\nHost: test\nX: " + "a".repeat(2_000) + "\n\n", 431, "headers_too_large");
  }

  @Test
  void saysThatAKeyIsMissingOrUnknownAndCloses() throws IOException {
    Wire.Answer missing = EDGE.refuses(post("X-Any: thing", 14), 401, "key_missing");
    assertEquals("ApiKey", missing.header("WWW-Authenticate"));
    EDGE.refuses(post("X-API-Key: k2", 14), 403, "key_unknown");
  }

  @Test
  void takesTwoKeysForNone() throws IOException {
    EDGE.refuses(post("X-API-Key: k1\nX-API-Key: k1", 14), 401, "key_missing");
  }
}
