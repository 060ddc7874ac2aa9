package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.support.Edge;
import io.cellrouter.support.Held;
import io.cellrouter.support.TestRouter;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The limit of the whole router: ten in flight, seven of them low, nine normal. No cell may hold
 * more places than are left free, so it takes five of them to fill it; the sixth, "2", answers.
 */
class SheddingTest {
  @RegisterExtension
  static final Edge EDGE =
      Edge.with(
          Map.of(
              "ROUTER_MAX_IN_FLIGHT",
              "10",
              "API_KEY_ENABLED",
              "true",
              "API_KEYS_JSON",
              "{\"k1\":\"trusted\",\"k2\":\"other\"}",
              "PRIORITY_CLIENTS",
              "trusted",
              "CELL_BREAKER",
              "false",
              TestRouter.CELLS,
              "1,2,3,4,5,6"));

  /** Whose the first place is, the second, and so on: none beyond what its cell may hold. */
  private static final List<String> PLACES =
      List.of("1", "1", "1", "1", "1", "3", "3", "4", "5", "6");

  private static final String NORMAL = "X-API-Key: k2\n";
  private static final String HIGH = "X-API-Key: k1\nX-Priority: high\n";
  private static final String LOW = "X-API-Key: k1\nX-Priority: low\n";

  private static String asking(String headers) {
    return """
    POST /api/route HTTP/1.1
    Host: test
    %sContent-Type: application/json
    Content-Length: 14

    {"cellID":"2"}"""
        .formatted(headers);
  }

  private static void sheds(String headers) throws IOException {
    Wire.Answer answer = EDGE.rejects(asking(headers), 503, "router_overloaded");
    assertEquals("1", answer.header("Retry-After"));
  }

  private static void takes(String headers) throws IOException {
    EDGE.routes(asking(headers), "2");
  }

  /** Places taken, one after the other, until it is closed. */
  private static final class Full implements AutoCloseable {
    private final List<Held> held = new ArrayList<>();

    Full(int places) throws IOException {
      more(places, NORMAL);
    }

    void more(int places, String headers) throws IOException {
      for (int i = 0; i < places; i++) {
        held.add(Held.requests(EDGE.router(), PLACES.get(held.size()), 1, headers));
      }
    }

    @Override
    public void close() {
      held.forEach(Held::close);
    }
  }

  @Test
  void shedsTheLowBeforeTheNormalAndTheHighLast() throws IOException {
    try (Full held = new Full(6)) {
      takes(LOW);
      held.more(1, NORMAL);
      sheds(LOW);
      held.more(1, NORMAL);
      takes(NORMAL);
      held.more(1, NORMAL);
      sheds(NORMAL);
      takes(HIGH);
      held.more(1, HIGH);
      sheds(HIGH);
    }
    takes(LOW);
  }

  @Test
  void believesNobodyButATrustedClient() throws IOException {
    try (Full held = new Full(8)) {
      takes("X-API-Key: k2\nX-Priority: low\n");
      held.more(1, NORMAL);
      sheds("X-API-Key: k2\nX-Priority: high\n");
    }
  }

  /** Two words are no word: which one counts must not depend on who reads them. */
  @Test
  void takesAPriorityItDoesNotUnderstandForNormal() throws IOException {
    try (Full held = new Full(8)) {
      takes("X-API-Key: k1\nX-Priority: lowest\n");
      takes("X-API-Key: k1\nX-Priority: low\nX-Priority: low\n");
      held.more(1, NORMAL);
      sheds("X-API-Key: k1\nX-Priority: urgent\n");
      sheds("X-API-Key: k1\nX-Priority: high\nX-Priority: high\n");
      sheds("X-API-Key: k1\n");
    }
  }

  @Test
  void answersProbesAndManagementWhenItIsFull() throws IOException {
    try (Full held = new Full(9)) {
      held.more(1, HIGH);
      for (String path : new String[] {"/", "/health", "/ready", "/metrics", "/openapi.json"}) {
        assertEquals(200, EDGE.router().http().get(path).statusCode(), path);
      }
      for (String path : new String[] {"/live", "/health", "/ready", "/metrics", "/cells"}) {
        assertEquals(200, EDGE.router().management().get(path).statusCode(), path);
      }
    }
  }

  /** What is refused without being routed must not use up a place either. */
  @Test
  void givesEveryPlaceBack() throws IOException {
    for (int i = 0; i < 30; i++) {
      EDGE.rejects(asking(NORMAL).replace("\"2\"", "\"9\""), 422, "unknown_cell");
      EDGE.rejects(
          asking(NORMAL).replace("{\"cellID\":\"2\"}", "[\"cellID\",\"2\"]"), 422, "invalid_body");
    }
    try (Full held = new Full(8)) {
      takes(NORMAL);
    }
  }
}
