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

/**
 * Requests sent without waiting. That a second is never served after a refused first is asked of
 * every refusal in these tests, see {@link Edge#refuses}.
 */
class PipeliningTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  @Test
  void servesTwoGoodRequestsInOrder() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(Edge.route("{\"cellID\":\"2\"}") + Edge.route("{\"cellID\":\"1\"}"));
      assertEquals("2", wire.answer().header("X-Cell"));
      assertEquals("1", wire.answer().header("X-Cell"));
      assertTrue(wire.survives());
    }
  }

  @Test
  void servesTwentyInOrder() throws IOException {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      requests.append(
          """
          GET /health HTTP/1.1
          Host: test
          X-Request-ID: r%d

          """
              .formatted(i));
    }
    try (Wire wire = EDGE.connect()) {
      wire.send(requests.toString());
      for (int i = 0; i < 20; i++) {
        assertEquals("r" + i, wire.answer().header("X-Request-ID"));
      }
      assertTrue(wire.survives());
    }
  }

  @Test
  void servesTheSecondAfterAFirstWhoseBodyWasReadAndRejected() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(Edge.route("{\"cellID\":\"9\"}") + Edge.route("{\"cellID\":\"1\"}"));
      EDGE.assertProblem(wire.answer(), 422, "unknown_cell");
      assertEquals(200, wire.answer().status());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Transfer-Encoding: chunked", "Content-Length: +0", "Host: twice"})
  void servesAGoodFirstAndNothingBehindARefusedSecond(String header) throws IOException {
    int before = EDGE.router().cell("3").received().size();
    try (Wire wire = EDGE.connect()) {
      wire.send(
          Edge.route("{\"cellID\":\"1\"}")
              + "GET /health HTTP/1.1\nHost: test\n"
              + header
              + "\n\n"
              + Edge.route("{\"cellID\":\"3\"}"));
      assertEquals(200, wire.answer().status());
      assertEquals(header.startsWith("T") ? 411 : 400, wire.answer().status());
      assertTrue(wire.closed());
    }
    assertEquals(before, EDGE.router().cell("3").received().size());
  }

  @Test
  void skipsEmptyLinesBetweenRequests() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send("\n\nGET /health HTTP/1.1\nHost: test\n\n\n\nGET / HTTP/1.1\nHost: test\n\n");
      assertEquals(200, wire.answer().status());
      assertEquals(200, wire.answer().status());
    }
  }
}
