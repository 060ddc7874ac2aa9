package io.cellrouter.edge.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.TestRouter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code POST /cells} on the management listener: who may, what is understood, what it does. */
class CellChangeTest {
  private static TestRouter router;

  @BeforeAll
  static void start() throws Exception {
    router =
        TestRouter.start(
            Map.of(
                "ADMIN_KEYS_JSON", "{\"admin-key\":\"alice\"}",
                "API_KEYS_JSON", "{\"client-key\":\"bob\"}"));
  }

  @AfterAll
  static void stop() {
    router.close();
  }

  @Test
  void asksForAnAdminsKey() {
    HttpResponse<String> without = router.management().post("/cells", "{}");
    assertEquals(401, without.statusCode());
    assertEquals("ApiKey", without.headers().firstValue("WWW-Authenticate").orElse(""));
    assertEquals(
        403, router.management().post("/cells", "{}", "X-API-Key", "client-key").statusCode());
    assertEquals(
        422,
        router.management().post("/cells", "{}", "Authorization", "ApiKey admin-key").statusCode());
    assertTrue(
        router
            .management()
            .get("/metrics")
            .body()
            .contains("router_auth_failures_total{reason=\"key_unknown\",} 1.0"));
  }

  @Test
  void anAdminsKeyIsNoClientsKeyAndMakesNoSeries() throws Exception {
    try (TestRouter closed =
        TestRouter.start(
            Map.of(
                "API_KEY_ENABLED", "true",
                "API_KEYS_JSON", "{\"client-key\":\"bob\"}",
                "ADMIN_KEYS_JSON", "{\"admin-key\":\"alice\"}"))) {
      assertEquals(
          403, closed.http().route("{\"cellID\":\"1\"}", "X-API-Key", "admin-key").statusCode());
      String page = closed.management().get("/metrics").body();
      assertTrue(page.contains("client=\"bob\""));
      assertFalse(page.contains("client=\"alice\""));
    }
  }

  @Test
  void isNotOnThePublicPort() {
    assertEquals(404, router.http().post("/cells", "{}", "X-API-Key", "admin-key").statusCode());
  }

  @Test
  void withoutAdminKeysNothingCanBeChangedAndAFileThatAppearsIsTaken(@TempDir Path folder)
      throws Exception {
    Path keys = folder.resolve("admin.json");
    try (TestRouter other = TestRouter.start(Map.of("ADMIN_KEYS_FILE", keys.toString()))) {
      HttpResponse<String> refused =
          other.management().post("/cells", DRAIN, "X-API-Key", "admin-key");
      assertEquals(403, refused.statusCode());
      assertEquals("admin_unconfigured", Http.json(refused).get("reason"));

      Files.writeString(keys, "{\"admin-key\":\"alice\"}");
      Eventually.isTrue(
          () ->
              other.management().post("/cells", DRAIN, "X-API-Key", "admin-key").statusCode()
                  == 200);

      Files.writeString(keys, "oops");
      Eventually.isTrue(
          () -> other.management().get("/metrics").body().contains("router_api_keys_stale 1.0"));
      assertEquals(
          200, other.management().post("/cells", DRAIN, "X-API-Key", "admin-key").statusCode());
    }
  }

  private static final String DRAIN =
      "{\"cellID\":\"2\",\"state\":\"draining\",\"expires_in\":600,\"reason\":\"new disks\"}";

  @Test
  void changesWhatHoldsAndShowsIt() {
    HttpResponse<String> answer = change(DRAIN);

    assertEquals(200, answer.statusCode(), answer.body());
    Map<String, Object> cell = Http.json(answer);
    assertEquals("draining", cell.get("state"));
    assertEquals(100, cell.get("share"));
    Map<?, ?> override = (Map<?, ?>) cell.get("override");
    assertEquals("alice", override.get("by"));
    assertEquals("new disks", override.get("reason"));
    assertEquals("draining", override.get("state"));
    assertFalse(override.containsKey("share"), "what is as configured is left out");
    assertEquals(503, router.http().route("{\"cellID\":\"2\"}").statusCode());
    assertEquals(200, router.http().route("{\"cellID\":\"1\"}").statusCode());
    String page = router.management().get("/metrics").body();
    assertTrue(page.contains("router_cell_override{cell_id=\"2\",} 1.0"));
    assertTrue(page.contains("router_cell_state{cell_id=\"2\",state=\"draining\",} 1.0"));

    assertEquals(200, change("{\"cellID\":\"2\",\"clear\":true,\"reason\":\"done\"}").statusCode());
    assertEquals(200, router.http().route("{\"cellID\":\"2\"}").statusCode());
    assertTrue(
        router.management().get("/cells").body().contains("\"override\":null"),
        "said, not left out");
    Eventually.isTrue(
        () ->
            audit("cell overridden").contains("\"who\":\"alice\",\"cell_id\":\"2\"")
                && audit("override taken back")
                    .contains(
                        "\"before\":\"state=draining share=100\",\"after\":\"state=active"
                            + " share=100\",\"reason\":\"done\""));
    assertTrue(
        audit("cell overridden")
            .contains(
                "\"before\":\"state=active share=100\",\"after\":\"state=draining share=100\","
                    + "\"expires\":\""));
    assertFalse(router.log().contains("admin-key"));
  }

  @Test
  void aReadOnlyCellTakesOnlyWhatChangesNothing() {
    change("{\"cellID\":\"3\",\"state\":\"read_only\",\"expires_in\":600}");

    assertTrue(
        router.http().route("{\"cellID\":\"3\"}").body().contains("\"reason\":\"cell_read_only\""));
    assertEquals(200, router.http().route("{\"cellID\":\"3\",\"method\":\"GET\"}").statusCode());
    change("{\"cellID\":\"3\",\"clear\":true}");
  }

  @Test
  void aShareAdmitsTheSameClientsEachTimeAndExplainTellsWhich() {
    change("{\"cellID\":\"1\",\"share\":50,\"expires_in\":600}");
    int admitted = 0;
    for (int i = 0; i < 40; i++) {
      String address = "10.0.0." + i;
      int status =
          router.http().route("{\"cellID\":\"1\"}", "X-Forwarded-For", address).statusCode();
      Map<String, Object> explained =
          Http.json(router.management().get("/explain?cellID=1&client=" + address));
      assertEquals(status == 200 ? "admitted" : "refused", explained.get("admission"), address);
      assertEquals(status == 200 ? null : "cell_share", explained.get("reason"), address);
      assertEquals(50, explained.get("share"));
      admitted += status == 200 ? 1 : 0;
    }
    assertTrue(admitted > 8 && admitted < 32, admitted + " of 40");
    change("{\"cellID\":\"1\",\"share\":0,\"expires_in\":600}");
    assertEquals(503, router.http().route("{\"cellID\":\"1\"}").statusCode());
    change("{\"cellID\":\"1\",\"clear\":true}");
    assertEquals(200, router.http().route("{\"cellID\":\"1\"}").statusCode());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                              | cellID,state,expires_in
          {"cellID":"1"}                                                  | state,expires_in
          {"cellID":"1","share":50}                                       | expires_in
          {"cellID":"1","expires_in":5}                                   | state
          {"cellID":1,"share":101,"expires_in":0}                         | cellID,share,expires_in
          {"cellID":"1","share":50.5,"expires_in":"5"}                    | share,expires_in
          {"cellID":"1","share":-1,"expires_in":86401}                    | share,expires_in
          {"cellID":"1","share":99999999999,"expires_in":5}               | share
          {"cellID":"1","state":"asleep","expires_in":5}                  | state
          {"cellID":"1","state":"DRAINING","expires_in":5}                | state
          {"cellID":"1","clear":false}                                    | clear,state,expires_in
          {"cellID":"1","clear":true,"share":5}                           | clear
          {"cellID":"1","share":5,"expires_in":5,"reason":7}              | reason
          {"cellID":"1","share":5,"expires_in":5,"shard":[{"share":1}]}   | body
          """)
  void namesAllThatIsWrongAtOnce(String body, String fields) {
    HttpResponse<String> refused = change(body);

    assertEquals(422, refused.statusCode(), refused.body());
    Map<String, Object> problem = Http.json(refused);
    assertEquals("invalid_change", problem.get("reason"));
    List<String> named =
        ((List<?>) problem.get("errors"))
            .stream().map(error -> ((Map<?, ?>) error).get("field").toString()).sorted().toList();
    assertEquals(List.of(fields.split(",", -1)).stream().sorted().toList(), named);
    assertTrue(router.management().get("/explain?cellID=1").body().contains("\"share\":100"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [1]
          {"cellID":"1"
          {"cellID":"1","cellID":"2","share":5,"expires_in":5}
          {"cellID":"1","share":5,"expires_in":5} {}
          """)
  void refusesWhatIsNoObjectOrNotClear(String body) {
    HttpResponse<String> refused = change(body);

    assertEquals(422, refused.statusCode());
    assertEquals("invalid_change", Http.json(refused).get("reason"));
  }

  @Test
  void knowsOnlyCellsThereAreAndReadsOnlySmallJson() {
    HttpResponse<String> unknown = change("{\"cellID\":\"9\",\"share\":5,\"expires_in\":5}");
    assertEquals(422, unknown.statusCode());
    assertEquals("unknown_cell", Http.json(unknown).get("reason"));
    assertEquals(413, change(" ".repeat(4_097)).statusCode());
    assertEquals(
        415,
        router
            .management()
            .post("/cells", DRAIN, "X-API-Key", "admin-key", "Content-Type", "text/plain")
            .statusCode());
  }

  private static HttpResponse<String> change(String body) {
    return router.management().post("/cells", body, "X-API-Key", "admin-key");
  }

  private static String audit(String message) {
    return router
        .log()
        .lines()
        .filter(line -> line.contains("\"audit\"") && line.contains(message))
        .filter(line -> line.contains("\"cell_id\":\"2\""))
        .findFirst()
        .orElse("");
  }
}
