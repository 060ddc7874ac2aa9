package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Rates so slow that no token comes back during the test: 36 an hour, bursts of 2 and 3. Cell 1 has
 * a limit, cell 2 one for each client, cell 3 none; the client {@code few} has one over all cells.
 */
class RateLimitTest {
  @RegisterExtension
  static final Edge EDGE =
      Edge.with(
          Map.ofEntries(
              Map.entry("API_KEY_ENABLED", "true"),
              Map.entry("API_KEYS_JSON", "{\"k1\":\"a\",\"k2\":\"b\",\"k3\":\"c\",\"k4\":\"d\"}"),
              Map.entry("NGINX_1_RATE", "0.01"),
              Map.entry("NGINX_1_BURST", "2"),
              Map.entry("NGINX_2_CLIENT_RATE", "0.01"),
              Map.entry("NGINX_2_CLIENT_BURST", "2"),
              Map.entry("CLIENT_RATE", "0.01"),
              Map.entry("CLIENT_BURST", "5")));

  private static String asking(String key, String cellId) {
    return """
    POST /api/route HTTP/1.1
    Host: test
    X-API-Key: %s
    Content-Type: application/json
    Content-Length: 14

    {"cellID":"%s"}"""
        .formatted(key, cellId);
  }

  private static Wire.Answer limited(String request, String reason, String name)
      throws IOException {
    Wire.Answer answer = EDGE.rejects(request, 429, reason);
    assertTrue(Integer.parseInt(answer.header("Retry-After")) >= 1, answer.head());
    assertTrue(
        answer.header("RateLimit-Policy").matches("\"" + name + "\";q=[0-9]+;w=[0-9]+"),
        answer.head());
    assertTrue(
        answer.header("RateLimit").matches("\"" + name + "\";r=0;t=[1-9][0-9]*"), answer.head());
    String detail = (String) JSON.std.mapFrom(answer.body()).get("detail");
    assertTrue(detail.contains("\"" + name + "\""), detail);
    return answer;
  }

  private static Wire.Answer passes(String request) throws IOException {
    try (Wire wire = EDGE.connect()) {
      Wire.Answer answer = wire.send(request).answer();
      assertEquals(200, answer.status(), answer.body());
      return answer;
    }
  }

  @Test
  void limitsACellForAllTogether() throws IOException {
    String two = passes(asking("k1", "1")).header("RateLimit");
    String one = passes(asking("k2", "1")).header("RateLimit");

    assertTrue(two.contains("\"cell\";r=1;"), two);
    assertTrue(one.contains("\"cell\";r=0;"), one);
    Wire.Answer answer = limited(asking("k1", "1"), "rate_limit_cell", "cell");
    assertEquals("1", answer.header("X-Cell"));
    assertEquals("1", JSON.std.mapFrom(answer.body()).get("cellID"));
  }

  @Test
  void limitsAClientAtACellAndNotTheOthers() throws IOException {
    passes(asking("k1", "2"));
    passes(asking("k1", "2"));

    limited(asking("k1", "2"), "rate_limit_client_cell", "client-cell");
    passes(asking("k2", "2"));
  }

  @Test
  void limitsAClientOverAllCellsWhateverItAsksFor() throws IOException {
    assertEquals(
        "\"client\";r=4;", passes(asking("k3", "3")).header("RateLimit").replaceAll("t=.*", ""));
    for (int i = 0; i < 4; i++) {
      passes(asking("k3", "3"));
    }

    Wire.Answer answer = limited(asking("k3", "2"), "rate_limit_client", "client");
    assertEquals("", answer.header("X-Cell"), "refused before a cell was chosen");
    String detail = (String) JSON.std.mapFrom(answer.body()).get("detail");
    assertTrue(detail.endsWith("The limit \"client\" is 0.01 a second, 5 at once."), detail);
    assertEquals("\"client\";q=5;w=500", answer.header("RateLimit-Policy"));
    passes(asking("k4", "3"));
  }

  @Test
  void tellsEveryLimitThatApplies() throws IOException {
    Wire.Answer answer = passes(asking("k4", "2"));

    assertTrue(
        answer
            .header("RateLimit-Policy")
            .matches("\"client\";q=\\d+;w=\\d+, \"client-cell\";q=\\d+;w=\\d+"),
        answer.head());
    assertTrue(
        answer.header("RateLimit").matches("\"client\";r=\\d;t=\\d+, \"client-cell\";r=\\d;t=\\d+"),
        answer.head());
  }
}
