package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that two JSON readers could take differently, or that cost more than they say. */
class JsonBodyTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  private static final String BOM = "\ufeff";

  /** Each: what it is, the body; the reason, the field at fault. The connection survives them. */
  static Stream<Arguments> refused() {
    return Stream.of(
        arguments("cellID twice", "{\"cellID\":\"1\",\"cellID\":\"2\"}", ID, "cellID"),
        arguments("cellID twice, the same", "{\"cellID\":\"1\",\"cellID\":\"1\"}", ID, "cellID"),
        arguments("cellID escaped", "{\"cellID\":\"1\",\"cell\\u0049D\":\"2\"}", ID, "cellID"),
        arguments("escaped first", "{\"\\u0063ellID\":\"2\",\"cellID\":\"1\"}", ID, "cellID"),
        arguments(
            "payload twice", "{\"cellID\":\"1\",\"payload\":1,\"payload\":2}", BODY, "payload"),
        arguments(
            "payload escaped",
            "{\"cellID\":\"1\",\"payload\":1,\"p\\u0061yload\":2}",
            BODY,
            "payload"),
        arguments("another twice", "{\"cellID\":\"1\",\"x\":1,\"x\":2}", BODY, ""),
        arguments("number", "{\"cellID\":1}", ID, "cellID"),
        arguments("fraction", "{\"cellID\":1.0}", ID, "cellID"),
        arguments("null", "{\"cellID\":null}", ID, "cellID"),
        arguments("boolean", "{\"cellID\":true}", ID, "cellID"),
        arguments("array", "{\"cellID\":[\"1\"]}", ID, "cellID"),
        arguments("object", "{\"cellID\":{\"a\":\"1\"}}", ID, "cellID"),
        arguments("empty id", "{\"cellID\":\"\"}", ID, "cellID"),
        arguments("11 characters", "{\"cellID\":\"12345678901\"}", ID, "cellID"),
        arguments("11 emoji", "{\"cellID\":\"" + "😀".repeat(11) + "\"}", ID, "cellID"),
        arguments("1 MB id", "{\"cellID\":\"" + "1".repeat(1_000_000) + "\"}", ID, "cellID"),
        arguments("missing", "{\"payload\":{\"cellID\":\"1\"}}", ID, "cellID"),
        arguments("missing in empty object", "{}", ID, "cellID"),
        arguments("other case", "{\"cellid\":\"1\"}", ID, "cellID"),
        arguments("method twice", method("\"GET\",\"method\":\"GET\""), METHOD, "method"),
        arguments("method escaped", method("\"GET\",\"m\\u0065thod\":\"PUT\""), METHOD, "method"),
        arguments("method of a number", method("1"), METHOD, "method"),
        arguments("null method", method("null"), METHOD, "method"),
        arguments("empty method", method("\"\""), METHOD, "method"),
        arguments("method in lower case", method("\"get\""), METHOD, "method"),
        arguments("blank behind a method", method("\"GET \""), METHOD, "method"),
        arguments("method without a body to wrap", method("\"HEAD\""), METHOD, "method"),
        arguments("method of the line", method("\"GET / HTTP/1.1\\r\\n\""), METHOD, "method"),
        arguments("GET with a payload", method("\"GET\",\"payload\":1"), BODY, "payload"),
        arguments(
            "payload before GET",
            "{\"cellID\":\"1\",\"payload\":null,\"method\":\"GET\"}",
            BODY,
            "payload"),
        arguments("unknown", "{\"cellID\":\"9\"}", UNKNOWN, "cellID"),
        arguments("10 characters", "{\"cellID\":\"1234567890\"}", UNKNOWN, "cellID"),
        arguments("10 emoji", "{\"cellID\":\"" + "😀".repeat(10) + "\"}", UNKNOWN, "cellID"),
        arguments("lone surrogate", "{\"cellID\":\"\\ud800\"}", UNKNOWN, "cellID"),
        arguments("escaped NUL", "{\"cellID\":\"1\\u0000\"}", UNKNOWN, "cellID"),
        arguments("blank behind", "{\"cellID\":\"1 \"}", UNKNOWN, "cellID"),
        arguments("digit of another script", "{\"cellID\":\"\u0661\"}", UNKNOWN, "cellID"),
        arguments("line end", "{\"cellID\":\"1\\r\\n\"}", UNKNOWN, "cellID"),
        arguments("empty body", "", BODY, ""),
        arguments("blank body", "  ", BODY, ""),
        arguments("array body", "[{\"cellID\":\"1\"}]", BODY, ""),
        arguments("string body", "\"cellID\"", BODY, ""),
        arguments("null body", "null", BODY, ""),
        arguments("no JSON", "cellID=1", BODY, ""),
        arguments("single quotes", "{'cellID':'1'}", BODY, ""),
        arguments("comment", "{\"cellID\":\"1\"/**/}", BODY, ""),
        arguments("trailing comma", "{\"cellID\":\"1\",}", BODY, ""),
        arguments("unended", "{\"cellID\":\"1\"", BODY, ""),
        arguments("unended string", "{\"cellID\":\"1", BODY, ""),
        arguments("token behind", "{\"cellID\":\"1\"} x", BODY, ""),
        arguments("second object", "{\"cellID\":\"1\"}{\"cellID\":\"2\"}", BODY, ""),
        arguments("brace behind", "{\"cellID\":\"1\"}}", BODY, ""),
        arguments("NUL behind", "{\"cellID\":\"1\"}\0", BODY, ""),
        arguments("NUL inside", "{\"cellID\":\"1\0\"}", BODY, ""),
        arguments("tab in a string", "{\"cellID\":\"1\t\"}", BODY, ""),
        arguments("byte order mark", BOM + "{\"cellID\":\"1\"}", BODY, ""),
        arguments("deep arrays", "[".repeat(100_000), BODY, ""),
        arguments("deep payload", "{\"cellID\":\"1\",\"payload\":" + "[".repeat(100_000), BODY, ""),
        arguments("deep objects", "{\"a\":".repeat(100_000), BODY, ""),
        arguments(
            "deep and closed",
            "{\"cellID\":\"1\",\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}",
            BODY,
            ""),
        arguments(
            "65 levels",
            "{\"cellID\":\"1\",\"x\":" + "[".repeat(64) + "]".repeat(64) + "}",
            BODY,
            ""),
        arguments("broken number", "{\"cellID\":\"1\",\"payload\":01}", BODY, ""),
        arguments("not a number", "{\"cellID\":\"1\",\"payload\":NaN}", BODY, ""));
  }

  private static String method(String value) {
    return "{\"cellID\":\"1\",\"method\":" + value + "}";
  }

  private static final String METHOD = "invalid_method";
  private static final String ID = "invalid_cell_id";
  private static final String BODY = "invalid_body";
  private static final String UNKNOWN = "unknown_cell";

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void refusesWith422AndKeepsTheConnection(String what, String body, String reason, String field)
      throws IOException {
    Wire.Answer answer = EDGE.rejects(Edge.route(body), 422, reason);

    Map<String, Object> problem = JSON.std.mapFrom(answer.body());
    if (field.isEmpty()) {
      assertEquals(null, problem.get("errors"));
    } else {
      assertEquals(
          List.of(Map.of("field", field, "detail", problem.get("detail"))), problem.get("errors"));
    }
  }

  static Stream<Arguments> notUtf8() {
    return Stream.of(
        arguments("UTF-16", "{\"cellID\":\"1\"}".getBytes(StandardCharsets.UTF_16)),
        arguments("UTF-16LE", "{\"cellID\":\"1\"}".getBytes(StandardCharsets.UTF_16LE)),
        arguments("UTF-16BE", "{\"cellID\":\"1\"}".getBytes(StandardCharsets.UTF_16BE)),
        arguments("UTF-32BE", "{\"cellID\":\"1\"}".getBytes(StandardCharsets.UTF_32BE)),
        arguments("Latin-1", idWith(0xe9)),
        arguments("overlong", idWith(0xc0, 0xb1)),
        arguments("surrogate", idWith(0xed, 0xa0, 0x80)),
        arguments("above Unicode", idWith(0xf4, 0x90, 0x80, 0x80)),
        arguments("cut off", idWith(0xe2, 0x82)),
        arguments("lone continuation", idWith(0x80)));
  }

  private static byte[] idWith(int... bytes) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("{\"cellID\":\"".getBytes(StandardCharsets.US_ASCII));
    for (int each : bytes) {
      body.write(each);
    }
    body.writeBytes("\"}".getBytes(StandardCharsets.US_ASCII));
    return body.toByteArray();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("notUtf8")
  void refusesWhatIsNotUtf8(String what, byte[] body) throws IOException {
    EDGE.rejects(Edge.route(body), 422, BODY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "12",
        "-0.5e3",
        "true",
        "null",
        "\"text \\u0000 \\ud800 \u00e9😀\"",
        "{\"cellID\":\"2\",\"cellID\":\"3\"}",
        "[1, {\"a\" : [ ]} ]",
        "\"\""
      })
  void sendsEveryPayloadAsItsOwnBytesToTheCellNamedOutsideIt(String payload) throws IOException {
    assertEquals(
        payload,
        EDGE.routes(Edge.route("{\"payload\":" + payload + ",\"cellID\":\"1\"}"), "1").body());
    assertEquals(
        payload,
        EDGE.routes(Edge.route("{\"cellID\":\"1\",\"payload\": " + payload + "}"), "1").body());
  }

  @Test
  void passesAPayloadOfOneMegabyteOn() throws IOException {
    String payload = "\"" + "x".repeat(1_000_000) + "\"";
    assertEquals(
        payload,
        EDGE.routes(Edge.route("{\"cellID\":\"1\",\"payload\":" + payload + "}"), "1").body());
  }

  @Test
  void passesAHugeExponentOnWithoutComputingIt() throws IOException {
    String number = "1e999999999";
    assertEquals(
        number,
        EDGE.routes(Edge.route("{\"cellID\":\"1\",\"payload\":" + number + "}"), "1").body());
  }

  @Test
  void passesANumberOf1000DigitsOnAndRefusesALongerOne() throws IOException {
    String number = "9".repeat(1_000);
    assertEquals(
        number,
        EDGE.routes(Edge.route("{\"cellID\":\"1\",\"payload\":" + number + "}"), "1").body());
    EDGE.rejects(Edge.route("{\"cellID\":\"1\",\"payload\":9" + number + "}"), 422, BODY);
    EDGE.rejects(
        Edge.route("{\"cellID\":\"1\",\"payload\":" + "9".repeat(1_000_000) + "}"), 422, BODY);
  }

  @Test
  void passes62LevelsOn() throws IOException {
    String payload = "[".repeat(62) + "]".repeat(62);
    assertEquals(
        payload,
        EDGE.routes(Edge.route("{\"cellID\":\"1\",\"payload\":" + payload + "}"), "1").body());
  }

  @Test
  void ignoresMembersItDoesNotKnow() throws IOException {
    EDGE.routes(Edge.route("{\"x\":{\"cellID\":\"2\"},\"cell\\u0049D\":\"1\",\"y\":[]}"), "1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
  void asksTheCellWithTheMethodNamed(String method) throws IOException {
    DemoCell.Received plain = EDGE.routes(Edge.route(method("\"" + method + "\"")), "1");
    assertEquals(method + " /api HTTP/1.1", plain.head().getFirst());
    assertTrue(plain.body().startsWith("{\"cellID\":\"1\""), plain.body());

    DemoCell.Received loaded =
        EDGE.routes(Edge.route(method("\"" + method + "\",\"payload\":[1 ]")), "1");
    assertEquals(method + " /api HTTP/1.1", loaded.head().getFirst());
    assertEquals("[1 ]", loaded.body());
  }

  @Test
  void sendsNoBodyWithAGet() throws IOException {
    DemoCell.Received received = EDGE.routes(Edge.route(method("\"G\\u0045T\"")), "1");

    assertEquals("GET /api HTTP/1.1", received.head().getFirst());
    assertEquals("", received.body());
    assertEquals("", received.header("Content-Length"));
    assertEquals("", received.header("Content-Type"));
  }
}
