package io.cellrouter.telemetry.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a collector gets of a real router's requests. Closing the router sends what waits. */
@Tag("system") // Real seconds pass in it: too slow for the inner loop.
class TracingTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CALLER = "00f067aa0ba902b7";
  private static final String SAMPLED = "00-" + TRACE + "-" + CALLER + "-01";
  private static final String NOT_SAMPLED = "00-" + TRACE + "-" + CALLER + "-00";

  private FakeCollector collector;

  @BeforeEach
  void start() throws Exception {
    collector = new FakeCollector();
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  private TestRouter router(String... settings) throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    for (int i = 0; i < settings.length; i += 2) {
      environment.put(settings[i], settings[i + 1]);
    }
    return TestRouter.start(environment);
  }

  /** The attributes of a span or a resource; integers come as {@code int:…}. */
  @SuppressWarnings("unchecked")
  private static Map<String, String> attributes(Map<String, Object> of) {
    Map<String, String> attributes = new TreeMap<>();
    for (Map<String, Object> attribute : FakeCollector.list(of, "attributes")) {
      assertEquals(Set.of("key", "value"), attribute.keySet());
      Map<String, Object> value = (Map<String, Object>) attribute.get("value");
      assertEquals(1, value.size());
      attributes.put(
          (String) attribute.get("key"),
          value.containsKey("intValue")
              ? "int:" + (String) value.get("intValue")
              : (String) value.get("stringValue"));
    }
    return attributes;
  }

  private Map<String, Object> span(int kind) {
    return FakeCollector.only(
        collector.spans().stream().filter(span -> span.get("kind").equals(kind)).toList());
  }

  /** A client has its answer before the router has noted it: the log line comes after the span. */
  private static void awaitNoted(TestRouter router, int requests) {
    Eventually.isTrue(
        () ->
            router.log().lines().filter(line -> line.contains("\"logger\":\"access\"")).count()
                == requests);
  }

  @Test
  @SuppressWarnings("unchecked")
  void sendsTheRequestAndItsExchangeAsParentAndChild() throws Exception {
    DemoCell.Received atCell;
    int cellPort;
    long before = System.currentTimeMillis() * 1_000_000;
    try (TestRouter router =
        router(
            "OTEL_SERVICE_NAME",
            "front",
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment=test,region=eu")) {
      router.http().route("{\"cellID\":\"2\"}", "traceparent", SAMPLED, "X-Request-ID", "req-1");
      atCell = router.cell("2").received().getFirst();
      cellPort = router.cell("2").port();
      awaitNoted(router, 1);
    }
    long after = (System.currentTimeMillis() + 1) * 1_000_000;

    FakeCollector.Received batch = collector.received().getFirst();
    assertEquals("POST", batch.method());
    assertEquals("/v1/traces", batch.path());
    assertEquals("application/json", batch.contentType());
    Map<String, Object> resourceSpans =
        FakeCollector.only(FakeCollector.list(FakeCollector.json(batch), "resourceSpans"));
    assertEquals(Set.of("resource", "scopeSpans"), resourceSpans.keySet());
    assertEquals(
        Map.of(
            "service.name", "front",
            "service.version", "1.0.0",
            "deployment.environment", "test",
            "region", "eu"),
        attributes((Map<String, Object>) resourceSpans.get("resource")));
    Map<String, Object> scopeSpans =
        FakeCollector.only(FakeCollector.list(resourceSpans, "scopeSpans"));
    assertEquals(Map.of("name", "io.cellrouter", "version", "1.0.0"), scopeSpans.get("scope"));

    Map<String, Object> server = span(2);
    Map<String, Object> client = span(3);
    assertEquals(2, collector.spans().size());
    assertEquals(TRACE, server.get("traceId"));
    assertEquals(CALLER, server.get("parentSpanId"));
    assertEquals("POST /api/route", server.get("name"));
    assertFalse(server.containsKey("status"));
    assertEquals(
        Map.of(
            "http.request.method", "POST",
            "http.route", "/api/route",
            "url.path", "/api/route",
            "http.response.status_code", "int:200",
            "cell.id", "2",
            "client", "anonymous",
            "request.id", "req-1"),
        attributes(server));

    assertEquals(TRACE, client.get("traceId"));
    assertEquals(server.get("spanId"), client.get("parentSpanId"));
    assertEquals("00-" + TRACE + "-" + client.get("spanId") + "-01", atCell.header("traceparent"));
    assertEquals("POST /api", client.get("name"));
    assertFalse(client.containsKey("status"));
    assertEquals(
        Map.of(
            "http.request.method", "POST",
            "url.full", "http://127.0.0.1:" + cellPort + "/api",
            "server.address", "127.0.0.1",
            "server.port", "int:" + cellPort,
            "http.response.status_code", "int:200",
            "cell.id", "2"),
        attributes(client));

    long[] times = {
      before,
      time(server, "startTimeUnixNano"),
      time(client, "startTimeUnixNano"),
      time(client, "endTimeUnixNano"),
      time(server, "endTimeUnixNano"),
      after
    };
    for (int i = 1; i < times.length; i++) {
      assertTrue(times[i - 1] <= times[i], "time " + i + " of " + List.of(before, after));
    }
  }

  /** 64-bit integers must come as strings: a JSON number above 2^53 is not safe. */
  private static long time(Map<String, Object> span, String member) {
    return Long.parseLong((String) span.get(member));
  }

  @Test
  void beginsATraceOfItsOwnWithoutAParent() throws Exception {
    try (TestRouter router = router()) {
      router.http().get("/health");
      awaitNoted(router, 1);
    }

    Map<String, Object> span = FakeCollector.only(collector.spans());
    assertEquals("GET /health", span.get("name"));
    assertFalse(span.containsKey("parentSpanId"));
    assertTrue(((String) span.get("traceId")).matches("[0-9a-f]{32}"));
    assertTrue(((String) span.get("spanId")).matches("[0-9a-f]{16}"));
  }

  @Test
  void tellsAFailedExchangeWithItsReason() throws Exception {
    try (TestRouter router = router()) {
      router.cell("1").faults(Faults.NONE.with("reset-rate", "1"));
      assertEquals(502, router.http().route("{\"cellID\":\"1\"}").statusCode());
      awaitNoted(router, 1);
    }

    Map<String, Object> server = span(2);
    assertEquals(Map.of("code", 2), server.get("status"));
    assertEquals("int:502", attributes(server).get("http.response.status_code"));
    assertEquals("cell_reset", attributes(server).get("router.reason"));
    Map<String, Object> client = span(3);
    assertEquals(Map.of("code", 2), client.get("status"));
    assertEquals("cell_reset", attributes(client).get("error.type"));
    assertFalse(attributes(client).containsKey("http.response.status_code"));
  }

  @Test
  void givesEachAttemptASpanOfItsOwn() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (TestRouter router = router("NGINX_1_URL", "http://127.0.0.1:" + port)) {
      assertEquals(502, router.http().route("{\"cellID\":\"1\"}").statusCode());
      awaitNoted(router, 1);
    }

    List<Map<String, Object>> attempts =
        collector.spans().stream().filter(span -> span.get("kind").equals(3)).toList();
    assertEquals(2, attempts.size());
    assertEquals(2, attempts.stream().map(attempt -> attempt.get("spanId")).distinct().count());
    for (Map<String, Object> attempt : attempts) {
      assertEquals("cell_connect_failed", attributes(attempt).get("error.type"));
    }
  }

  @Test
  void isNoErrorOfTheServerWhenTheClientIsWrong() throws Exception {
    try (TestRouter router = router()) {
      assertEquals(422, router.http().route("{\"cellID\":\"9\"}").statusCode());
      awaitNoted(router, 1);
    }

    Map<String, Object> span = FakeCollector.only(collector.spans());
    assertFalse(span.containsKey("status"));
    assertEquals("unknown_cell", attributes(span).get("router.reason"));
    assertEquals("unknown", attributes(span).get("cell.id"));
  }

  @Test
  void namesNoPathThatDoesNotExist() throws Exception {
    try (TestRouter router = router()) {
      assertEquals(404, router.http().get("/a/" + "x".repeat(400)).statusCode());
      awaitNoted(router, 1);
    }

    Map<String, Object> span = FakeCollector.only(collector.spans());
    assertEquals("GET", span.get("name"));
    assertEquals(256, attributes(span).get("url.path").length());
    assertFalse(attributes(span).containsKey("http.route"));
  }

  @Test
  void keepsTheCallersDecisionNotToSample() throws Exception {
    try (TestRouter router = router()) {
      router.http().route("{\"cellID\":\"1\"}", "traceparent", NOT_SAMPLED);
      router.http().route("{\"cellID\":\"2\"}", "traceparent", SAMPLED);
      awaitNoted(router, 2);
    }

    assertEquals("2", attributes(span(2)).get("cell.id"));
    assertEquals("2", attributes(span(3)).get("cell.id"));
  }

  @Test
  void samplesNothingOfItsOwnAtARatioOfZero() throws Exception {
    try (TestRouter router = router("OTEL_TRACES_SAMPLER_ARG", "0")) {
      router.http().route("{\"cellID\":\"1\"}");
      router.http().route("{\"cellID\":\"2\"}", "traceparent", SAMPLED);
      awaitNoted(router, 2);
    }

    assertEquals("2", attributes(span(2)).get("cell.id"));
  }

  @Test
  void leavesTheManagementListenerOut() throws Exception {
    try (TestRouter router = router()) {
      router.management().get("/live");
      router.http().get("/ready");
      awaitNoted(router, 1);
    }

    assertEquals("GET /ready", FakeCollector.only(collector.spans()).get("name"));
  }

  @Test
  void sendsWithoutBeingClosedToo() throws Exception {
    try (TestRouter router = router()) {
      router.http().get("/health");

      Eventually.isTrue(() -> !collector.received().isEmpty());
      Eventually.isTrue(
          () -> router.management().get("/metrics").body().contains("router_spans_sent_total 1.0"));
    }
  }

  @Test
  void hasNoThreadWithoutAnEndpointOrWhenSwitchedOff() throws Exception {
    try (TestRouter off = TestRouter.start();
        TestRouter disabled = router("OTEL_SDK_DISABLED", "true")) {
      off.http().route("{\"cellID\":\"1\"}");
      disabled.http().route("{\"cellID\":\"1\"}");

      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(thread -> thread.getName().equals("span-exporter")));
      assertTrue(
          off.management().get("/metrics").body().contains("router_spans_dropped_total 0.0"));
    }
    assertEquals(List.of(), collector.received());
  }

  @Test
  void routesAsBeforeWhileTheCollectorIsAwayAndCountsWhatIsLost() throws Exception {
    collector.close();
    TestRouter router = router();
    try (router) {
      // Two spans each: a few more than may wait.
      for (int i = 0; i < SpanExporter.CAPACITY / 2 + 50; i++) {
        assertEquals(200, router.http().route("{\"cellID\":\"1\"}").statusCode());
      }

      Eventually.isTrue(() -> router.log().contains("spans cannot be sent"));
      Eventually.isTrue(
          () ->
              router
                  .management()
                  .get("/metrics")
                  .body()
                  .contains("router_spans_dropped_total 100.0"));
    }
  }

  @Test
  void routesAsBeforeWhileTheCollectorHangs() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        TestRouter router =
            router("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + silent.getLocalPort())) {
      for (int i = 0; i < 50; i++) {
        assertEquals(200, router.http().route("{\"cellID\":\"1\"}").statusCode());
      }
      long begin = System.nanoTime();
      router.service().close();
      assertTrue(Duration.ofNanos(System.nanoTime() - begin).toMillis() < 4_000);
    }
  }
}
