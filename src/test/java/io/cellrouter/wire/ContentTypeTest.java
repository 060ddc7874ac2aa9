package io.cellrouter.wire;

import io.cellrouter.support.Edge;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only JSON in UTF-8 is read; anything else is refused unread, so the connection ends. */
class ContentTypeTest {
  @RegisterExtension static final Edge EDGE = Edge.withDefaults();

  private static String post(String header) {
    return """
    POST /api/route HTTP/1.1
    Host: test
    %s
    Content-Length: 14

    {"cellID":"1"}"""
        .formatted(header);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/json; x=y"
      })
  void takesJson(String type) throws IOException {
    EDGE.routes(post("Content-Type: " + type), "1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
        "text/plain; application/json",
        "application/jsonx",
        "application/json, text/plain",
        "application/json; charset=utf-16",
        "application/json; charset=\"utf-16\"",
        "application/json; charset=latin1",
        "application/json; x=y; charset=utf-32",
        ""
      })
  void refusesEverythingElse(String type) throws IOException {
    EDGE.refuses(post("Content-Type: " + type), 415, "not_json");
  }

  @Test
  void refusesAMissingType() throws IOException {
    EDGE.refuses(post("X-Any: thing"), 415, "not_json");
  }

  @Test
  void refusesTwoTypes() throws IOException {
    EDGE.refuses(post("Content-Type: application/json\nContent-Type: text/plain"), 415, "not_json");
  }
}
