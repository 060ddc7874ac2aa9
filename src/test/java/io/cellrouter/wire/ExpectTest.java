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

/** {@code Expect}: the JDK answers 100 before any filter runs (docs/edge.md). */
class ExpectTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  @ParameterizedTest
  @ValueSource(strings = {"100-continue", "100-Continue"})
  void asksForTheBodyAndRoutesIt(String expect) throws IOException {
    int before = EDGE.router().cell("1").received().size();
    try (Wire wire = EDGE.connect()) {
      wire.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          Content-Type: application/json
          Content-Length: 14
          Expect: %s

          """
              .formatted(expect));
      assertEquals(100, wire.answer().status());
      assertEquals(before, EDGE.router().cell("1").received().size());
      assertEquals(200, wire.sendExactly("{\"cellID\":\"1\"}").answer().status());
      assertTrue(wire.survives());
    }
    assertEquals(before + 1, EDGE.router().cell("1").received().size());
  }

  @Test
  void refusesAnOverLimitLengthWithoutWaitingForTheBody() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          Content-Type: application/json
          Content-Length: 2000000
          Expect: 100-continue

          """);
      assertEquals(100, wire.answer().status());
      Wire.Answer answer = wire.answer();
      EDGE.assertProblem(answer, 413, "body_too_large");
      assertEquals("close", answer.header("Connection"));
      assertTrue(wire.endOutput().closed());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"200-ok", "100-continue, x", "x", "100"})
  void refusesEveryOtherExpectation(String expect) throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Expect: %s
        Content-Type: application/json
        Content-Length: 14

        {"cellID":"1"}"""
            .formatted(expect),
        417,
        "expectation_failed");
  }

  @Test
  void refusesAnotherExpectationBehindTheKnownOne() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          Expect: 100-continue
          Expect: x
          Content-Type: application/json
          Content-Length: 14

          {"cellID":"1"}""");
      assertEquals(100, wire.answer().status());
      EDGE.assertProblem(wire.answer(), 417, "expectation_failed");
      assertTrue(wire.closed());
    }
  }
}
