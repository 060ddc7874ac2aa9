package io.cellrouter.wire;

import io.cellrouter.support.Edge;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No Transfer-Encoding is accepted, on any path: in the JDK's server chunk sizes overflow at 32
 * bits, and what follows the last chunk is read as the next request.
 */
class ChunkedTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "chunked",
        "Chunked",
        "\u000bchunked", // The JDK strips control characters around a value.
        "chunked\u000b",
        "\tchunked"
      })
  void refusesChunked(String encoding) throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Transfer-Encoding: %s

        e
        {"cellID":"1"}
        0

        """
            .formatted(encoding),
        411,
        "length_required");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "xchunked",
        "chunked, identity",
        "identity, chunked",
        "chunked,chunked",
        "gzip, chunked",
        "identity",
        "chunked;q=1",
        "\"chunked\"",
        ""
      })
  void refusesEveryOtherEncoding(String encoding) throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Transfer-Encoding: %s

        e
        {"cellID":"1"}
        0

        """
            .formatted(encoding),
        501);
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunked", "identity"})
  void refusesTransferEncodingTwice(String second) throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Transfer-Encoding: chunked
        Transfer-Encoding: %s

        e
        {"cellID":"1"}
        0

        """
            .formatted(second),
        501);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        " Transfer-Encoding: chunked",
        "Transfer Encoding: chunked",
        "Transfer-Encoding",
        ": chunked"
      })
  void refusesABlankInTheNameOrNoNameAtAll(String header) throws IOException {
    EDGE.jdkRefuses(
        """
        POST /api/route HTTP/1.1
        %s
        Host: test
        Content-Type: application/json

        e
        {"cellID":"1"}
        0

        """
            .formatted(header),
        400);
  }

  /** 32 bits overflow to 14, and to a negative number that makes the JDK's stream throw. */
  @ParameterizedTest
  @ValueSource(strings = {"10000000e", "fffffff0000000e", "80000000", "ffffffff", "zz", "-e", ""})
  void refusesWhateverTheChunkSizeSays(String size) throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Transfer-Encoding: chunked

        %s
        {"cellID":"1"}
        0

        """
            .formatted(size),
        411,
        "length_required");
  }

  @Test
  void neverServesTrailersAsARequest() throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.1
        Host: test
        Content-Type: application/json
        Transfer-Encoding: chunked
        Trailer: X-Trailer

        e
        {"cellID":"1"}
        0
        POST /api/route HTTP/1.1
        Host: trailer
        Content-Type: application/json
        Content-Length: 14

        {"cellID":"2"}""",
        411,
        "length_required");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET /health", "POST /nowhere", "DELETE /api/route", "GET /metrics"})
  void refusesItOnEveryPath(String start) throws IOException {
    EDGE.refuses(
        """
        %s HTTP/1.1
        Host: test
        Transfer-Encoding: chunked

        0

        """
            .formatted(start),
        411,
        "length_required");
  }

  @Test
  void refusesItInHttp10() throws IOException {
    EDGE.refuses(
        """
        POST /api/route HTTP/1.0
        Content-Type: application/json
        Connection: keep-alive
        Transfer-Encoding: chunked

        e
        {"cellID":"1"}
        0

        """,
        411,
        "length_required");
  }
}
