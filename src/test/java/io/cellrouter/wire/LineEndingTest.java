package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The JDK's server takes a bare LF, a lone CR and folded lines as ends or continuations of header
 * lines, and no filter can see that it did. None of it can reach a cell: what a cell gets is built
 * anew. {@code ␊} is a bare LF here, {@code ␍} a lone CR.
 */
class LineEndingTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  /** What a cell is sent of a request, and nothing else ever. */
  private static final Set<String> CELL_HEADERS =
      Set.of(
          "host",
          "content-length",
          "content-type",
          "user-agent",
          "x-cell-id",
          "x-client-id",
          "x-forwarded-for",
          "x-original-uri",
          "x-request-id",
          "x-request-timeout",
          "traceparent",
          "idempotency-key");

  private static void assertBuiltAnew(DemoCell.Received received) {
    assertEquals("POST /api HTTP/1.1", received.head().getFirst());
    List<String> names =
        received.head().stream()
            .skip(1)
            .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
            .toList();
    assertEquals(names.size(), Set.copyOf(names).size(), "a header stands twice: " + names);
    assertEquals(
        Set.of(),
        names.stream().filter(name -> !CELL_HEADERS.contains(name)).collect(Collectors.toSet()));
    assertEquals("1", received.header("X-Cell-ID"));
    assertEquals("anonymous", received.header("X-Client-ID"));
    assertEquals("{\"a\":1}", received.body());
    assertEquals("7", received.header("Content-Length"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Idempotency-Key: k␊X-Cell-ID: 2",
        "Idempotency-Key: k␍X-Cell-ID: 2",
        "Idempotency-Key: k␊X-Client-ID: admin␊X-Evil: 1",
        "X-Forwarded-For: 10.0.0.1␊X-Client-ID: admin",
        "X-Forwarded-For: 10.0.0.1␍X-Client-ID: admin",
        "X-Request-ID: a␊X-Evil: 1",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01␊X-Evil: 1",
        "X-Forwarded-For: 10.0.0.1\n X-Client-ID: admin",
        "Idempotency-Key: k\n\tX-Cell-ID: 2",
        "Idempotency-Key: k\n Transfer-Encoding: chunked",
        "Idempotency-Key: k␊ Content-Length: 3",
        "Idempotency-Key: k␍ Content-Length: 3",
        "Idempotency-Key: k\n\u000bTransfer-Encoding: chunked"
      })
  void passesNoneOfItOnToACell(String header) throws IOException {
    assertBuiltAnew(
        EDGE.routes(
            """
            POST /api/route HTTP/1.1
            Host: test
            %s
            Content-Type: application/json
            Content-Length: 32

            {"cellID":"1","payload":{"a":1}}"""
                .formatted(header),
            "1"));
  }

  @Test
  void passesAFoldedLineOnAsOneLine() throws IOException {
    DemoCell.Received received =
        EDGE.routes(
            """
            POST /api/route HTTP/1.1
            Host: test
            Idempotency-Key: k
              X-Cell-ID: 2
            Content-Type: application/json
            Content-Length: 14

            {"cellID":"1"}""",
            "1");

    assertEquals("k  X-Cell-ID: 2", received.header("Idempotency-Key"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"Transfer-Encoding: chunked", "Transfer-Encoding:\n chunked"})
  void seesATransferEncodingBehindABareLineFeedOrFolded(String header) throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        X-Any: thing␊%s
        Content-Type: application/json

        e
        {"cellID":"1"}
        0

        """
            .formatted(header),
        411,
        "length_required");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Any: thing␊Content-Length: 3",
        "X-Any: thing␍Content-Length: 3",
        "X-Any: thing␊Transfer-Encoding: chunked"
      })
  void seesASecondLengthBehindABareLineFeedOrALoneCr(String header) throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        %s
        Content-Type: application/json
        Content-Length: 14

        {"cellID":"1"}"""
            .formatted(header),
        400);
  }

  @Test
  void waitsWhenTheRequestLineEndsInABareLineFeed() throws IOException {
    EDGE.jdkWaits(
        "POST /api/route HTTP/1.1␊Host: test␊Content-Type: application/json␊"
            + "Content-Length: 14␊␊{\"cellID\":\"1\"}");
  }

  @Test
  void takesNoLoneCrAsTheEndOfTheRequestLine() throws IOException {
    EDGE.refuses("GET /health HTTP/1.1␍Host: x\nHost: test\n\n", 505, "http_version");
  }

  /**
   * The residual risk of docs/edge.md: a front that passes either on as part of one header's value
   * sees one request where the router sees two.
   */
  @ParameterizedTest
  @ValueSource(strings = {"␍␍", "␊␊"})
  void endsTheHeadersAtTwoLoneCrsOrTwoBareLineFeeds(String end) throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(
          "GET /health HTTP/1.1\nHost: test\nX-Any: thing"
              + end
              + "GET /nowhere HTTP/1.1\nHost: inside\n\n");
      assertEquals(200, wire.answer().status());
      assertEquals(404, wire.answer().status());
    }
  }

  /** CR CR LF ends the headers at the second CR; the LF is the first byte of what comes next. */
  @Test
  void refusesAMethodThatBeginsWithTheRestOfAnOddLineEnd() throws IOException {
    try (Wire wire = EDGE.connect()) {
      wire.send(
          "GET /health HTTP/1.1\nHost: test\nX-Any: thing␍␍␊"
              + "GET /health HTTP/1.1\nHost: test\n\n");
      assertEquals(200, wire.answer().status());
      EDGE.assertProblem(wire.answer(), 400, "malformed_request");
      assertTrue(wire.closed());
    }
  }

  /** LF CR LF ends them at the CR: the body begins one byte early and leaves its last one over. */
  @Test
  void routesNothingWhenTheBodyIsReadOneByteEarly() throws IOException {
    int before = EDGE.router().received().size();
    try (Wire wire = EDGE.connect()) {
      wire.send(
          "POST /api/route HTTP/1.1\nHost: test\nContent-Type: application/json\n"
              + "Content-Length: 14␊\n{\"cellID\":\"1\"}"
              + Edge.route("{\"cellID\":\"2\"}"));
      EDGE.assertProblem(wire.answer(), 422, "invalid_body");
      EDGE.assertProblem(wire.answer(), 400, "malformed_request");
      assertTrue(wire.closed());
    }
    assertEquals(before, EDGE.router().received().size());
  }
}
