package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a client sends, wherever: one request is one line of the log, a line is one JSON object
 * of printable ASCII, and no key and nothing of a body is in it.
 */
class LogInjectionTest {
  private static final String KEY = "kkk-right-key-kkk";
  private static final String WRONG_KEY = "kkk-wrong-key-kkk";
  private static final String PRIVATE = "ppp-private-ppp";

  @RegisterExtension
  static final Edge EDGE =
      Edge.with(
          Map.of(
              "API_KEY_ENABLED",
              "true",
              "API_KEYS_JSON",
              "{\"" + KEY + "\":\"tenant-42\"}",
              "FORWARD_HEADERS",
              "Idempotency-Key, X-Any"));

  private static final Set<String> LEVELS = Set.of("DEBUG", "INFO", "WARN");

  private static final Set<String> FIELDS =
      Set.of(
          "timestamp",
          "level",
          "logger",
          "message",
          "request_id",
          "trace_id",
          "client",
          "method",
          "path",
          "status",
          "reason",
          "detail",
          "cell_id",
          "upstream",
          "duration_ms",
          "upstream_ms",
          "bytes");

  /** What would end a string, a line, an object, or speak to a terminal. */
  private static final List<String> PAYLOADS =
      List.of(
          "\",\"level\":\"FATAL\",\"x\":\"",
          "\"}␊{\"level\":\"FATAL\"}",
          "\"}␍{\"level\":\"FATAL\"}",
          "\"}\n {\"level\":\"FATAL\"}",
          "a\\\",\"level\":\"FATAL\"\\",
          "\\u000a\\n{\"level\":\"FATAL\"}",
          "%0d%0a{%22level%22:%22FATAL%22}",
          "\u001b[2J\u001b[31mFATAL",
          "\u009b31mFATAL", // CSI in one byte
          "\u0085FATAL", // next line
          "a\u007f\u007fFATAL",
          "a\0FATAL",
          "\u00e9\u00ff\u00ff\u00fe",
          "${jndi:ldap://127.0.0.1/FATAL}",
          "<script>FATAL</script>",
          "a".repeat(5_000));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Request-ID",
        "X-Forwarded-For",
        "Forwarded",
        "X-Real-IP",
        "traceparent",
        "tracestate",
        "baggage",
        "X-Cell-ID",
        "X-Client-ID",
        "X-Original-URI",
        "Host",
        "User-Agent",
        "Referer",
        "Origin",
        "Cookie",
        "Content-Type",
        "Connection",
        "Expect",
        "Idempotency-Key",
        "X-Any",
        "X-API-Key",
        "Authorization"
      })
  void staysOneLineWhateverStandsInAHeader(String name) throws IOException {
    Watch watch = new Watch();
    for (String payload : PAYLOADS) {
      watch.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          X-API-Key: %s
          %s: %s
          Content-Type: application/json
          Content-Length: 14

          {"cellID":"1"}"""
              .formatted(KEY, name, payload));
    }
    watch.assertClean();
  }

  @Test
  void staysOneLineWhateverStandsInTheRequestLine() throws IOException {
    Watch watch = new Watch();
    for (String payload : PAYLOADS) {
      watch.send("GET /" + payload + " HTTP/1.1\nHost: test\n\n");
      watch.send("GET /health?a=" + payload + " HTTP/1.1\nHost: test\n\n");
      watch.send(payload + " /health HTTP/1.1\nHost: test\n\n");
      watch.send("GET /health " + payload + "\nHost: test\n\n");
      watch.send("GET http://" + payload + "/health HTTP/1.1\nHost: test\n\n");
    }
    watch.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cellID", "key", "payload", "x"})
  void staysOneLineWhateverStandsInAMember(String name) throws IOException {
    Watch watch = new Watch();
    for (String payload : PAYLOADS) {
      String quoted = JSON.std.asString(PRIVATE + Wire.crlf(payload) + "\u2028\ud83d\ude00");
      String other = name.equals("cellID") ? "" : ",\"cellID\":\"1\"";
      watch.send(keyed("{\"" + name + "\":" + quoted + other + "}"));
      watch.send(keyed("{" + quoted + ":\"1\",\"cellID\":\"1\"}"));
      watch.send(keyed("{\"" + name + "\":" + PRIVATE));
    }
    watch.assertClean();
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-API-Key: ", "Authorization: ApiKey ", "Authorization: Bearer "})
  void neverTellsAKey(String header) throws IOException {
    Watch watch = new Watch();
    for (String key : List.of(KEY, WRONG_KEY)) {
      watch.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          %s
          Content-Type: application/json
          Content-Length: 14

          {"cellID":"1"}"""
              .formatted(header + key));
    }
    watch.assertClean();
  }

  private static String keyed(String body) {
    return Edge.route(body).replaceFirst("\n", "\nX-API-Key: " + KEY + "\n");
  }

  /** What the router logs from now on, and how many requests it owes a line for. */
  private static final class Watch {
    private final int from = EDGE.router().log().length();
    private int answered;

    void send(String request) throws IOException {
      try (Wire wire = EDGE.connect()) {
        Wire.Answer answer = wire.send(request).endOutput().answer();
        // The JDK's own answers have no request id; they are not logged.
        answered += answer.header("X-Request-ID").isEmpty() ? 0 : 1;
      }
    }

    void assertClean() throws IOException {
      assertTrue(answered > 0, "the JDK refused everything: nothing was tried");
      Eventually.isTrue(() -> accessLines() >= answered);
      // A last request: whatever the others had logged stands before its line.
      String end = "end-" + from;
      send("GET / HTTP/1.1\nHost: test\nX-Request-ID: " + end + "\n\n");
      EDGE.router().logLine(end);

      String written = written();
      assertEquals(answered, accessLines(), "not one line a request");
      assertTrue(written.endsWith("}\n"), written);
      for (String line : written.substring(0, written.length() - 1).split("\n", -1)) {
        assertTrue(line.chars().allMatch(c -> c >= ' ' && c < 0x7f), line);
        Map<String, Object> fields = JSON.std.mapFrom(line);
        assertTrue(LEVELS.contains(fields.get("level")), line);
        assertTrue(FIELDS.containsAll(fields.keySet()), line);
      }
      assertFalse(written.contains("kkk"), "a key is in the log: " + written);
      assertFalse(written.contains(PRIVATE), "a body is in the log: " + written);
    }

    private String written() {
      return EDGE.router().log().substring(from);
    }

    private long accessLines() {
      return written().lines().filter(line -> line.contains("\"logger\":\"access\"")).count();
    }
  }
}
