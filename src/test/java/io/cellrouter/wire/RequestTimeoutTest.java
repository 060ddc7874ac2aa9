package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code X-Request-Timeout}: what is understood, what comes of it, and what the cell is told. */
class RequestTimeoutTest {
  /** REQUEST_TIMEOUT in seconds. */
  private static final BigDecimal MOST = new BigDecimal("2.5");

  @RegisterExtension static final Edge EDGE = Edge.with(Map.of("REQUEST_TIMEOUT", MOST.toString()));

  @AfterEach
  void mend() {
    EDGE.router().cell("1").faults(Faults.NONE);
  }

  private static String within(String timeout) {
    return """
    POST /api/route HTTP/1.1
    Host: test
    X-Request-Timeout: %s
    Content-Type: application/json
    Content-Length: 14

    {"cellID":"1"}"""
        .formatted(timeout);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0.000",
        "0ms",
        "-1",
        "+1",
        "1e3",
        "0x1",
        "1.",
        ".5",
        "1.2345",
        "1,5",
        "1.5ms",
        "1s",
        "1 ms",
        "1MS",
        "ms",
        "soon",
        "NaN",
        "Infinity",
        "1;q=1",
        "1, 2",
        "1.1.1",
        "\u00b2"
      })
  void refusesWhatIsNoTimeAndKeepsTheConnection(String value) throws IOException {
    EDGE.rejects(within(value), 400, "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2"})
  void refusesTwoEqualOrNot(String second) throws IOException {
    EDGE.rejects(within("1\nX-Request-Timeout: " + second), 400, "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "2", "2.0", "2.400", "0.999", "1500ms", "007", "2.49"})
  void tellsTheCellNoMoreThanTheClientGives(String value) throws IOException {
    BigDecimal asked =
        value.endsWith("ms")
            ? new BigDecimal(value.replace("ms", "")).movePointLeft(3)
            : new BigDecimal(value);

    assertToldAtMost(asked, EDGE.routes(within(value), "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"2.501", "3", "1000000", "99999999999999999999999999999999", "9999999999999999ms"})
  void neverLengthensTheRoutersOwn(String value) throws IOException {
    assertToldAtMost(MOST, EDGE.routes(within(value), "1"));
  }

  @Test
  void tellsTheCellTheRoutersOwnWhenTheClientSaysNothing() throws IOException {
    assertToldAtMost(MOST, EDGE.routes(Edge.route("{\"cellID\":\"1\"}"), "1"));
  }

  /** Whatever is asked, within what a router may need for a request on a busy machine. */
  @Test
  void neverTellsTheCellMoreForAnyTime() throws IOException {
    Random random = new Random(20261124);
    for (int i = 0; i < 50; i++) {
      int millis = 500 + random.nextInt(3_000);
      boolean asMillis = random.nextBoolean();
      BigDecimal asked = BigDecimal.valueOf(millis, 3);
      String value = asMillis ? millis + "ms" : asked.toPlainString();

      assertToldAtMost(asked.min(MOST), EDGE.routes(within(value), "1"));
    }
  }

  private static void assertToldAtMost(BigDecimal most, DemoCell.Received received) {
    String told = received.header("X-Request-Timeout");
    assertTrue(told.matches("[0-9]+\\.[0-9]{3}"), "told " + told);
    assertTrue(new BigDecimal(told).compareTo(most) < 0, told + " of " + most);
    assertTrue(new BigDecimal(told).signum() > 0, "told " + told);
  }

  @Test
  void endsWithTheClientsTime() throws IOException {
    EDGE.router().cell("1").faults(Faults.NONE.with("latency", "60000"));
    long start = System.nanoTime();
    try (Wire wire = EDGE.connect()) {
      Wire.Answer answer = wire.send(within("100ms")).answer();

      EDGE.assertProblem(answer, 504, "deadline_exceeded");
      assertEquals("1", answer.header("X-Cell-Attempts"));
      assertTrue(wire.survives(), "the connection must survive");
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertTrue(millis >= 100 && millis < MOST.movePointRight(3).longValue(), millis + " ms");
  }

  /** The body takes longer than the client will wait: the cell need not begin. */
  @Test
  void startsNothingWhenTheTimeHasPassed() throws IOException {
    int before = EDGE.router().received().size();
    try (Wire wire = EDGE.connect()) {
      String request = Wire.crlf(within("50ms"));
      wire.sendExactly(request.substring(0, request.length() - 1));
      assertFalse(wire.cutWithin(200), "still waiting for the body");
      Wire.Answer answer = wire.sendExactly("}").answer();

      EDGE.assertProblem(answer, 504, "deadline_exceeded");
      assertEquals("", answer.header("X-Cell-Attempts"));
      assertEquals("", answer.header("X-Cell"), "no cell was even chosen");
      assertTrue(wire.survives(), "the connection must survive");
    }
    assertEquals(before, EDGE.router().received().size(), "something reached a cell");
  }
}
