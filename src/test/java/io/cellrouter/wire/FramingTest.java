package io.cellrouter.wire;

import io.cellrouter.support.Edge;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where a body ends must be beyond doubt (RFC 9112 §6): what two readers could differ on is out.
 */
class FramingTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  @Test
  void routesAPlainContentLength() throws IOException {
    EDGE.routes(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: 14

        {"cellID":"1"}""",
        "1");
  }

  @Test
  void readsLeadingZerosAsDigitsLikeEveryOther() throws IOException {
    EDGE.routes(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: 014

        {"cellID":"1"}""",
        "1");
  }

  @Test
  void refusesContentLengthBesideTransferEncoding() throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: 14
        Transfer-Encoding: chunked

        {"cellID":"1"}""",
        400);
  }

  @Test
  void refusesTransferEncodingBesideContentLength() throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Transfer-Encoding: chunked
        Content-Type: application/json
        Content-Length: 4

        e
        {"cellID":"1"}
        0

        """,
        400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"14", "3", "0"})
  void refusesTwoContentLengthsEqualOrNot(String second) throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: 14
        Content-Length: %s

        {"cellID":"1"}"""
            .formatted(second),
        400);
  }

  /** All but the first are refused by the JDK: its parser of numbers takes a plus sign. */
  @Test
  void refusesAPlusSign() throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: +14

        {"cellID":"1"}""",
        400,
        "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-14",
        "0xe",
        "14,14",
        "14, 14",
        "14;",
        "1 4",
        "14.0",
        "\u00b2", // superscript two
        "\"14\"",
        "",
        "9223372036854775808", // one above the largest long
        "18446744073709551630", // 2^64 + 14
        "99999999999999999999"
      })
  void refusesWhatIsNotDigitsOrTooLarge(String length) throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: %s

        {"cellID":"1"}"""
            .formatted(length),
        400);
  }

  @Test
  void refusesALengthOf19Digits() throws IOException {
    EDGE.refusesEarly(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: 9223372036854775807

        {"cellID":"1"}""",
        400,
        "malformed_request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4294967310", "2147483648", "999999999999999999"})
  void takesNoLengthModuloAnything(String length) throws IOException {
    EDGE.refusesEarly(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: %s

        {"cellID":"1"}"""
            .formatted(length),
        413,
        "body_too_large");
  }

  @Test
  void refusesARequestWithoutALength() throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json

        """,
        411,
        "length_required");
  }

  @Test
  void doesNotServeABodyThatAGetBroughtAlongAsTheNextRequest() throws IOException {
    EDGE.refuses(
        """
        GET /nowhere HTTP/1.1
        Host: test
        Content-Length: 43

        POST /api/route HTTP/1.1
        Host: inside

        """,
        404,
        "not_found");
  }
}
