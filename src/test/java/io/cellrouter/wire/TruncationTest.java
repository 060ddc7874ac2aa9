package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that did not arrive whole is not routed, even when its beginning would do. */
class TruncationTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  /** The body is complete JSON: only its length tells that something is missing. */
  @ParameterizedTest
  @ValueSource(ints = {15, 16_384, 16_385, 1_000_000})
  void doesNotRouteABodyThatEndsEarly(int length) throws IOException {
    int before = EDGE.router().received().size();
    try (Wire wire = EDGE.connect()) {
      wire.send(
              """
              POST /api/route HTTP/1.1
              Host: test
              Content-Type: application/json
              Content-Length: %d

              {"cellID":"1"}"""
                  .formatted(length))
          .endOutput();
      Wire.Answer answer = wire.answer();
      EDGE.assertProblem(answer, 400, "body_truncated");
      assertEquals("close", answer.header("Connection"));
      assertTrue(wire.closed());
    }
    assertEquals(before, EDGE.router().received().size());
  }

  @Test
  void doesNotRouteWhatAResetCutOff() throws IOException {
    int before = EDGE.router().received().size();
    try (Wire wire = EDGE.connect()) {
      wire.send(
          """
              POST /api/route HTTP/1.1
              Host: test
              X-Request-ID: reset
              Expect: 100-continue
              Content-Type: application/json
              Content-Length: 15

              {"cellID":"1"}""");
      assertEquals(100, wire.answer().status()); // So the router is reading the body by now.
      wire.reset();
    }
    assertEquals("body_truncated", JSON.std.mapFrom(EDGE.router().logLine("reset")).get("reason"));
    assertEquals(before, EDGE.router().received().size());
  }

  /** At the end of the stream the JDK takes the headers for complete: nothing may come of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /api/route HTTP/1.1\nHost: test\nContent-Type: application/json\nContent-Length: 14",
        "POST /api/route HTTP/1.1\nHost: test\nContent-Type: application/json\nContent-Length: 14\n"
      })
  void doesNotRouteWhenTheHeadersEndEarly(String request) throws IOException {
    int before = EDGE.router().received().size();
    try (Wire wire = EDGE.connect()) {
      EDGE.assertProblem(wire.send(request).endOutput().answer(), 400, "body_truncated");
      assertTrue(wire.closed());
    }
    assertEquals(before, EDGE.router().received().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"P", "POST /api/route", "POST /api/route HTTP/1.1", "\n"})
  void doesNotAnswerARequestLineThatEndsEarly(String request) throws IOException {
    EDGE.jdkWaits(request);
  }
}
