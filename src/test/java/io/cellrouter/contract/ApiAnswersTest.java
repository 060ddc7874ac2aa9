package io.cellrouter.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Held;
import io.cellrouter.support.TestRouter;
import io.cellrouter.support.Wire;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real answers of a real router against the description: status, type, headers, body. */
class ApiAnswersTest {
  private static final ApiDescription API = ApiDescription.packaged();
  private static TestRouter router;

  @BeforeAll
  static void start() throws Exception {
    router =
        TestRouter.start(
            Map.of(
                "REQUEST_TIMEOUT", "0.5",
                "MAX_BODY_BYTES", "1000",
                "MAX_RESPONSE_BYTES", "1000",
                "PROBE_INTERVAL", "300"));
    Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
  }

  @AfterAll
  static void stop() {
    router.close();
  }

  @AfterEach
  void mend() {
    List.of("1", "2", "3").forEach(id -> router.cell(id).faults(Faults.NONE));
  }

  private static ApiDescription.Answer answer(HttpResponse<String> response) {
    Map<String, String> headers = new HashMap<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
    return new ApiDescription.Answer(response.statusCode(), headers, response.body());
  }

  private static ApiDescription.Answer answer(Wire.Answer raw) {
    Map<String, String> headers = new HashMap<>();
    raw.head()
        .lines()
        .skip(1)
        .filter(line -> line.contains(":"))
        .forEach(
            line -> {
              String[] parts = line.split(":", 2);
              headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
            });
    return new ApiDescription.Answer(raw.status(), headers, raw.body());
  }

  private static void isAsDescribed(String method, String path, ApiDescription.Answer answer) {
    assertEquals(List.of(), API.problems(method, path, answer), () -> "for " + answer);
  }

  private static void isProblem(
      int status, String reason, String method, String path, ApiDescription.Answer answer)
      throws Exception {
    isAsDescribed(method, path, answer);
    assertEquals(status, answer.status(), answer::body);
    Map<String, Object> problem = JSON.std.mapFrom(answer.body());
    assertEquals(reason, problem.get("reason"));
    assertEquals(status, problem.get("status"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/health", "/ready", "/metrics", "/docs", "/redoc", "/openapi.json"})
  void answersEveryPathAsDescribed(String path) {
    ApiDescription.Answer answer = answer(router.http().get(path));

    assertEquals(200, answer.status());
    isAsDescribed("GET", path, answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/live", "/health", "/ready", "/metrics", "/cells", "/explain?cellID=1"})
  void answersEveryManagementPathAsDescribed(String path) {
    ApiDescription.Answer answer = answer(router.management().get(path));

    assertEquals(200, answer.status());
    isAsDescribed("GET", path.replaceAll("\\?.*", ""), answer);
  }

  @ParameterizedTest
  @CsvSource({
    "cellID=9, rejected, , unknown_cell",
    "cellID=2&client=10.0.0.1, routed, refused, cell_share",
    "cellID=3, routed, refused, cell_read_only",
    "cellID=3&method=GET, routed, admitted, ",
  })
  void explainsAsDescribed(String query, String decision, String admission, String reason)
      throws Exception {
    try (TestRouter other =
        TestRouter.start(Map.of("NGINX_2_SHARE", "0", "NGINX_3_STATE", "read_only"))) {
      ApiDescription.Answer answer = answer(other.management().get("/explain?" + query));

      isAsDescribed("GET", "/explain", answer);
      Map<String, Object> explained = JSON.std.mapFrom(answer.body());
      assertEquals(decision, explained.get("decision"));
      assertEquals(admission, explained.get("admission"));
      assertEquals(reason, explained.get("reason"));
    }
  }

  @Test
  void cannotExplainNothing() throws Exception {
    ApiDescription.Answer answer = answer(router.management().get("/explain"));

    isProblem(422, "invalid_cell_id", "GET", "/explain", answer);
  }

  private static ApiDescription.Answer change(TestRouter of, String body, String... headers) {
    return answer(of.management().post("/cells", body, headers));
  }

  @Test
  void overridesCellsAsDescribed() throws Exception {
    try (TestRouter other = TestRouter.start(Map.of("ADMIN_KEYS_JSON", "{\"a\":\"alice\"}"))) {
      Map<String, Object> examples =
          ApiDescription.object(
              ApiDescription.object(
                  ApiDescription.object(
                      ApiDescription.object(API.operation("POST", "/cells"), "requestBody"),
                      "content"),
                  "application/json"),
              "examples");
      for (String name : examples.keySet()) {
        Object body = ApiDescription.object(examples, name).get("value");

        ApiDescription.Answer changed = change(other, JSON.std.asString(body), "X-API-Key", "a");

        assertEquals(200, changed.status(), name);
        isAsDescribed("POST", "/cells", changed);
        isAsDescribed("GET", "/cells", answer(other.management().get("/cells")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'cellID':'1','share':50,'expires_in':60}",
        "{'cellID':'1','state':'draining','expires_in':60,'reason':'disk'}",
        "{'cellID':'1','state':'active','share':1,'expires_in':86400}",
        "{'cellID':'1','clear':true}",
        "{'cellID':'1','clear':true,'reason':'done'}",
        "{'cellID':'1','share':50}",
        "{'cellID':'1','state':'draining'}",
        "{'cellID':'1','expires_in':60}",
        "{'cellID':'1'}",
        "{'share':50,'expires_in':60}",
        "{'clear':true}",
        "{'cellID':'1','clear':false}",
        "{'cellID':'1','clear':true,'expires_in':60}",
        "{'cellID':'1','clear':true,'share':50,'expires_in':60}",
        "{'cellID':'1','share':50,'expires_in':60,'until':'noon'}",
        "{'cellID':'1','share':101,'expires_in':60}",
        "{'cellID':'1','share':50,'expires_in':86401}",
        "{'cellID':'1','state':'gone','expires_in':60}",
      })
  void takesTheOverridesThatAreDescribedAndNoOther(String text) throws Exception {
    String body = text.replace('\'', '"');
    try (TestRouter other = TestRouter.start(Map.of("ADMIN_KEYS_JSON", "{\"a\":\"alice\"}"))) {
      List<String> problems =
          new Schema(API).problems(JSON.std.anyFrom(body), API.schema("CellChange"));

      ApiDescription.Answer answer = change(other, body, "X-API-Key", "a");

      assertEquals(problems.isEmpty() ? 200 : 422, answer.status(), problems::toString);
      isAsDescribed("POST", "/cells", answer);
    }
  }

  @Test
  void refusesOverridesAsDescribed() throws Exception {
    String body = "{\"cellID\":\"1\",\"share\":50,\"expires_in\":60}";
    isProblem(403, "admin_unconfigured", "POST", "/cells", change(router, body));
    try (TestRouter other = TestRouter.start(Map.of("ADMIN_KEYS_JSON", "{\"a\":\"alice\"}"))) {
      isProblem(401, "key_missing", "POST", "/cells", change(other, body));
      isProblem(403, "key_unknown", "POST", "/cells", change(other, body, "X-API-Key", "b"));
      isProblem(
          415,
          "not_json",
          "POST",
          "/cells",
          change(other, body, "X-API-Key", "a", "Content-Type", "text/plain"));
      isProblem(
          413,
          "body_too_large",
          "POST",
          "/cells",
          change(other, " ".repeat(5_000), "X-API-Key", "a"));
      isProblem(
          422,
          "invalid_change",
          "POST",
          "/cells",
          change(other, "{\"cellID\":1,\"share\":101}", "X-API-Key", "a"));
      isProblem(422, "invalid_change", "POST", "/cells", change(other, "[]", "X-API-Key", "a"));
      isProblem(
          422,
          "unknown_cell",
          "POST",
          "/cells",
          change(other, body.replace("\"1\"", "\"9\""), "X-API-Key", "a"));
    }
  }

  @Test
  void answersOpenMetricsAsDescribed() {
    ApiDescription.Answer answer =
        answer(router.http().get("/metrics", "Accept", "application/openmetrics-text"));

    assertTrue(answer.headers().get("content-type").startsWith("application/openmetrics-text"));
    isAsDescribed("GET", "/metrics", answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/docs", "/redoc", "/openapi.json"})
  void answersThatNothingChangedAsDescribed(String path) {
    String tag = router.http().get(path).headers().firstValue("ETag").orElseThrow();

    ApiDescription.Answer answer = answer(router.http().get(path, "If-None-Match", tag));

    assertEquals(304, answer.status());
    isAsDescribed("GET", path, answer);
  }

  @Test
  void routesTheRequestsOfTheExamples() throws Exception {
    Map<String, Object> media =
        ApiDescription.object(
            ApiDescription.object(
                ApiDescription.object(API.operation("POST", "/api/route"), "requestBody"),
                "content"),
            "application/json");
    Map<String, Object> examples = ApiDescription.object(media, "examples");
    for (String name : examples.keySet()) {
      Object body = ApiDescription.object(examples, name).get("value");

      ApiDescription.Answer answer = answer(router.http().route(JSON.std.asString(body)));

      assertEquals(200, answer.status(), name);
      isAsDescribed("POST", "/api/route", answer);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          invalid_body    | not JSON
          invalid_body    | []
          invalid_body    | {"cellID":"1","payload":1,"payload":2}
          invalid_cell_id | {}
          invalid_cell_id | {"cellID":1}
          invalid_cell_id | {"cellID":"12345678901"}
          unknown_cell    | {"cellID":"9"}
          invalid_method  | {"cellID":"1","method":"HEAD"}
          invalid_body    | {"cellID":"1","method":"GET","payload":1}
          """)
  void refusesBodiesAsDescribed(String reason, String body) throws Exception {
    isProblem(422, reason, "POST", "/api/route", answer(router.http().route(body)));
  }

  @Test
  void refusesOtherTypesAsDescribed() throws Exception {
    ApiDescription.Answer answer =
        answer(router.http().post("/api/route", "{}", "Content-Type", "text/plain"));

    isProblem(415, "not_json", "POST", "/api/route", answer);
  }

  @Test
  void refusesLongBodiesAsDescribed() throws Exception {
    ApiDescription.Answer answer = answer(router.http().route(" ".repeat(1_001)));

    isProblem(413, "body_too_large", "POST", "/api/route", answer);
  }

  @Test
  void refusesOtherMethodsAsDescribed() throws Exception {
    ApiDescription.Answer answer = answer(router.http().get("/api/route"));

    assertEquals("OPTIONS, POST", answer.headers().get("allow"));
    isProblem(405, "method_not_allowed", "POST", "/api/route", answer);
  }

  @Test
  void knowsNoOtherPath() throws Exception {
    isProblem(404, "not_found", "POST", "/api/route", answer(router.http().get("/nothing")));
  }

  private static String method(String path) {
    return API.operations().get(path).contains("GET") ? "GET" : "POST";
  }

  private static int port(String path) {
    return API.isManagement(path) ? router.managementPort() : router.port();
  }

  /** What the edge refuses, it refuses alike on every path. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | malformed_request  | HTTP/1.1 | Host: b
          411 | length_required    | HTTP/1.1 | Transfer-Encoding: chunked
          417 | expectation_failed | HTTP/1.1 | Expect: tea
          505 | http_version       | HTTP/3.0 | X: y
          """)
  void refusesAtTheEdgeAsDescribed(int status, String reason, String version, String header)
      throws Exception {
    for (String path : API.operations().keySet()) {
      String method = method(path);
      try (Wire wire = Wire.connect(port(path))) {
        wire.send("%s %s %s\nHost: a\n%s\n\n".formatted(method, path, version, header));
        isProblem(status, reason, method, path, answer(wire.answer()));
      }
    }
  }

  @Test
  void refusesLongHeadersAndTargetsAsDescribed() throws Exception {
    for (String path : API.operations().keySet()) {
      String method = method(path);
      String tooLong = "x".repeat(9_000);
      try (Wire wire = Wire.connect(port(path))) {
        wire.send("%s %s HTTP/1.1\nHost: a\nX: %s\n\n".formatted(method, path, tooLong));
        isProblem(431, "headers_too_large", method, path, answer(wire.answer()));
      }
      try (Wire wire = Wire.connect(port(path))) {
        wire.send("%s %s?%s HTTP/1.1\nHost: a\n\n".formatted(method, path, tooLong));
        isProblem(414, "uri_too_long", method, path, answer(wire.answer()));
      }
    }
  }

  @Test
  void tellsOfTruncatedBodiesAsDescribed() throws Exception {
    try (Wire wire = Wire.connect(router.port())) {
      wire.send(
              """
              POST /api/route HTTP/1.1
              Host: a
              Content-Type: application/json
              Content-Length: 100

              {""")
          .endOutput();
      isProblem(400, "body_truncated", "POST", "/api/route", answer(wire.answer()));
    }
  }

  @Test
  void asksForKeysAsDescribed() throws Exception {
    try (TestRouter closed =
        TestRouter.start(Map.of("API_KEY_ENABLED", "true", "API_KEYS_JSON", "{\"k1\":\"c1\"}"))) {
      ApiDescription.Answer missing = answer(closed.http().route("{\"cellID\":\"1\"}"));
      ApiDescription.Answer unknown =
          answer(closed.http().route("{\"cellID\":\"1\"}", "X-API-Key", "k2"));
      ApiDescription.Answer known =
          answer(closed.http().route("{\"cellID\":\"1\"}", "X-API-Key", "k1"));

      isProblem(401, "key_missing", "POST", "/api/route", missing);
      assertEquals("ApiKey", missing.headers().get("www-authenticate"));
      isProblem(403, "key_unknown", "POST", "/api/route", unknown);
      assertEquals(200, known.status());
    }
  }

  @Test
  void isNotReadyWithoutKeysAsDescribed() throws Exception {
    try (TestRouter closed = TestRouter.start(Map.of("API_KEY_ENABLED", "true"))) {
      Eventually.isTrue(() -> closed.http().get("/ready").body().contains("\"auth_unconfigured\""));
      ApiDescription.Answer route = answer(closed.http().route("{\"cellID\":\"1\"}"));
      ApiDescription.Answer ready = answer(closed.http().get("/ready"));

      isProblem(503, "auth_unconfigured", "POST", "/api/route", route);
      isProblem(503, "auth_unconfigured", "GET", "/ready", ready);
      assertTrue(ready.headers().containsKey("retry-after"));
    }
  }

  @Test
  void tellsOfCellsThatTakeNothingAsDescribed(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("cells.yaml"),
            """
            cells:
              "1": {url: "http://127.0.0.1:9", state: draining}
              "2": {url: "http://127.0.0.1:9", state: disabled}
              "3": {url: "http://127.0.0.1:9"}
            """);
    try (TestRouter other = TestRouter.start(Map.of("ROUTER_CONFIG", file.toString()))) {
      ApiDescription.Answer draining = answer(other.http().route("{\"cellID\":\"1\"}"));
      ApiDescription.Answer disabled = answer(other.http().route("{\"cellID\":\"2\"}"));
      ApiDescription.Answer away = answer(other.http().route("{\"cellID\":\"3\"}"));

      isProblem(503, "cell_draining", "POST", "/api/route", draining);
      isProblem(503, "cell_disabled", "POST", "/api/route", disabled);
      isProblem(502, "cell_connect_failed", "POST", "/api/route", away);
      assertTrue(draining.headers().containsKey("retry-after"));
    }
  }

  @Test
  void refusesTimesAsDescribed() throws Exception {
    ApiDescription.Answer unclear =
        answer(router.http().route("{\"cellID\":\"1\"}", "X-Request-Timeout", "soon"));
    isProblem(400, "malformed_request", "POST", "/api/route", unclear);

    router.cell("2").faults(Faults.NONE.with("latency", "3000"));
    ApiDescription.Answer late =
        answer(router.http().route("{\"cellID\":\"2\"}", "X-Request-Timeout", "50ms"));
    isProblem(504, "deadline_exceeded", "POST", "/api/route", late);
    assertEquals("1", late.headers().get("x-cell-attempts"));
  }

  @Test
  void refusesByRateAsDescribed() throws Exception {
    try (TestRouter limited =
        TestRouter.start(
            Map.of(
                "NGINX_1_RATE", "0.01",
                "NGINX_2_CLIENT_RATE", "0.01",
                "CLIENT_RATE", "0.01",
                "CLIENT_BURST", "5"))) {
      for (Map.Entry<String, String> of :
          List.of(
              Map.entry("1", "rate_limit_cell"),
              Map.entry("2", "rate_limit_client_cell"),
              Map.entry("3", "rate_limit_client"))) {
        String body = "{\"cellID\":\"" + of.getKey() + "\"}";
        ApiDescription.Answer first = answer(limited.http().route(body));
        ApiDescription.Answer second = answer(limited.http().route(body));

        assertEquals(200, first.status());
        isAsDescribed("POST", "/api/route", first);
        assertTrue(first.headers().containsKey("ratelimit"));
        isProblem(429, of.getValue(), "POST", "/api/route", second);
        assertTrue(second.headers().containsKey("retry-after"));
        assertTrue(second.headers().containsKey("ratelimit-policy"));
      }
    }
  }

  @Test
  void refusesByStateAndShareAsDescribed() throws Exception {
    try (TestRouter other =
        TestRouter.start(Map.of("NGINX_1_STATE", "read_only", "NGINX_2_SHARE", "0"))) {
      ApiDescription.Answer writing = answer(other.http().route("{\"cellID\":\"1\"}"));
      ApiDescription.Answer reading =
          answer(other.http().route("{\"cellID\":\"1\",\"method\":\"GET\"}"));
      ApiDescription.Answer none = answer(other.http().route("{\"cellID\":\"2\"}"));

      isProblem(503, "cell_read_only", "POST", "/api/route", writing);
      assertEquals(200, reading.status());
      isProblem(503, "cell_share", "POST", "/api/route", none);
      assertTrue(none.headers().containsKey("retry-after"));
    }
  }

  @Test
  void refusesWhatIsTooMuchAsDescribed() throws Exception {
    try (TestRouter other =
            TestRouter.start(Map.of("NGINX_1_MAX_IN_FLIGHT", "1", "ROUTER_MAX_IN_FLIGHT", "3"));
        Held held = Held.requests(other, "1", 1, "")) {
      ApiDescription.Answer full = answer(other.http().route("{\"cellID\":\"1\"}"));
      isProblem(503, "bulkhead_full", "POST", "/api/route", full);
      assertEquals("1", full.headers().get("x-cell"));
      assertTrue(full.headers().containsKey("retry-after"));

      try (Held more = Held.requests(other, "2", 1, "")) {
        ApiDescription.Answer shed = answer(other.http().route("{\"cellID\":\"3\"}"));
        isProblem(503, "router_overloaded", "POST", "/api/route", shed);
        assertTrue(shed.headers().containsKey("retry-after"));
      }
    }
  }

  @Test
  void leavesAFailingCellAloneAsDescribed() throws Exception {
    try (TestRouter other =
        TestRouter.start(
            Map.of("NGINX_1_URL", "http://127.0.0.1:9", "CELL_BREAKER_MIN_REQUESTS", "1"))) {
      ApiDescription.Answer away = answer(other.http().route("{\"cellID\":\"1\"}"));
      ApiDescription.Answer open = answer(other.http().route("{\"cellID\":\"1\"}"));

      isProblem(502, "cell_connect_failed", "POST", "/api/route", away);
      assertEquals("2", away.headers().get("x-cell-attempts"));
      isProblem(503, "breaker_open", "POST", "/api/route", open);
      assertTrue(open.headers().containsKey("retry-after"));
    }
  }

  @Test
  void tellsOfCellsInTroubleAsDescribed() throws Exception {
    router.cell("3").faults(Faults.NONE.with("reset-rate", "1"));
    isProblem(
        502, "cell_reset", "POST", "/api/route", answer(router.http().route("{\"cellID\":\"3\"}")));
    router.cell("3").faults(Faults.NONE.with("latency", "3000"));
    isProblem(
        504,
        "deadline_exceeded",
        "POST",
        "/api/route",
        answer(router.http().route("{\"cellID\":\"3\"}")));
    router.cell("3").faults(Faults.NONE.with("error-rate", "1"));
    ApiDescription.Answer failing = answer(router.http().route("{\"cellID\":\"3\"}"));
    assertEquals(500, failing.status());
    assertEquals("application/json", failing.headers().get("content-type"));
    isAsDescribed("POST", "/api/route", failing);
  }

  @Test
  void passesEveryStatusOfACellOnAsDescribed() throws Exception {
    try (StatusCell cell = new StatusCell();
        TestRouter other = TestRouter.start(Map.of("NGINX_1_URL", cell.url()))) {
      for (int status : List.of(200, 201, 204, 302, 400, 401, 404, 409, 418, 429, 500, 503, 599)) {
        for (String type : List.of("application/json", "text/plain", "application/problem+json")) {
          ApiDescription.Answer answer =
              answer(
                  other
                      .http()
                      .route(
                          "{\"cellID\":\"1\",\"payload\":{\"status\":%d,\"type\":\"%s\"}}"
                              .formatted(status, type)));

          isAsDescribed("POST", "/api/route", answer);
          assertEquals(status == 204 || status == 302 ? 200 : status, answer.status());
          assertEquals(status, JSON.std.mapFrom(answer.body()).get("status"));
          assertEquals("application/json", answer.headers().get("content-type"));
        }
      }
    }
  }
}
