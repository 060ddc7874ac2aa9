package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.demo.Faults;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a client says decides whether a cell that broke the exchange, and may have acted, is sent
 * the request again. Cell 1 heeds idempotency keys, cell 2 does not; of the third router's cells
 * all do, but it does not pass the key on.
 */
class RepetitionTest {
  @RegisterExtension
  static final Edge EDGE =
      Edge.with(Map.of("NGINX_1_RETRY_IDEMPOTENT", "true", "CELL_BREAKER", "false"));

  @RegisterExtension
  static final Edge KEYLESS =
      Edge.with(
          Map.of(
              "CELL_RETRY_IDEMPOTENT", "true",
              "CELL_BREAKER", "false",
              "FORWARD_HEADERS", "X-Other"));

  @BeforeEach
  void breakExchanges() {
    for (Edge edge : new Edge[] {EDGE, KEYLESS}) {
      edge.router().cell("1").faults(Faults.NONE.with("reset-rate", "1"));
      edge.router().cell("2").faults(Faults.NONE.with("reset-rate", "1"));
    }
  }

  /** How often the cell got it; the answer must say the same. */
  private static int sent(Edge edge, String cellId, String method, String headers)
      throws IOException {
    int before = edge.router().cell(cellId).received().size();
    String body = "{\"cellID\":\"%s\",\"method\":\"%s\"}".formatted(cellId, method);
    try (Wire wire = edge.connect()) {
      Wire.Answer answer =
          wire.send(Edge.route(body).replace("Host: test", "Host: test" + headers)).answer();
      edge.assertProblem(answer, 502, "cell_reset");
      int sent = edge.router().cell(cellId).received().size() - before;
      assertEquals(Integer.toString(sent), answer.header("X-Cell-Attempts"));
      return sent;
    }
  }

  @ParameterizedTest
  @CsvSource({"GET, 2", "PUT, 2", "DELETE, 2", "POST, 1", "PATCH, 1"})
  void goesByTheMethod(String method, int times) throws IOException {
    assertEquals(times, sent(EDGE, "2", method, ""));
  }

  @ParameterizedTest
  @CsvSource({"POST", "PATCH"})
  void goesByTheKeyWhereTheCellHeedsIt(String method) throws IOException {
    assertEquals(2, sent(EDGE, "1", method, "\nIdempotency-Key: k"));
    assertEquals(1, sent(EDGE, "2", method, "\nIdempotency-Key: k"));
    assertEquals(1, sent(EDGE, "1", method, ""));
  }

  @Test
  void takesNoKeyForOneThatIsBlankOrStandsTwice() throws IOException {
    assertEquals(1, sent(EDGE, "1", "POST", "\nIdempotency-Key: "));
    assertEquals(1, sent(EDGE, "1", "POST", "\nIdempotency-Key: k\nIdempotency-Key: k"));
  }

  /** The cell could not recognise the second one. */
  @Test
  void doesNotRepeatForAKeyThatTheCellIsNotSent() throws IOException {
    assertEquals(1, sent(KEYLESS, "1", "POST", "\nIdempotency-Key: k"));
    assertEquals(2, sent(KEYLESS, "1", "PUT", ""));
  }
}
