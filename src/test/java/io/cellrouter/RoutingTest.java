package io.cellrouter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Http;
import io.cellrouter.support.TestRouter;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The main job, through real sockets. */
class RoutingTest {
  private static TestRouter router;

  @BeforeAll
  static void start() throws Exception {
    router = TestRouter.start();
  }

  @AfterAll
  static void stop() {
    router.close();
  }

  @Test
  void forwardsToTheCellNamedAndToNoOther() {
    int before = router.cell("1").received().size() + router.cell("3").received().size();

    HttpResponse<String> response = router.http().route("{\"cellID\":\"2\"}");

    assertEquals(200, response.statusCode());
    assertEquals(
        Map.of(
            "cellID",
            "2",
            "upstream",
            "nginx-2",
            "status",
            200,
            "response",
            Map.of("cellID", "2", "server", "nginx-2", "message", "Hello from cell 2")),
        Http.json(response));
    assertEquals("2", response.headers().firstValue("X-Cell").orElse(""));
    assertEquals(before, router.cell("1").received().size() + router.cell("3").received().size());
  }

  @Test
  void sendsThePayloadAsItsOwnBytes() {
    router.http().route("{\"payload\": {\"a\" : [1.50, \"\u00e9\\u0041\"]} , \"cellID\":\"1\"}");

    DemoCell.Received received = router.cell("1").received().getLast();
    assertEquals("POST /api HTTP/1.1", received.head().getFirst());
    assertEquals("{\"a\" : [1.50, \"\u00e9\\u0041\"]}", received.body());
  }

  @Test
  void tellsTheCellWhoAsksAndOnWhosePath() {
    HttpResponse<String> response =
        router
            .http()
            .post(
                "/api/route?x=1",
                "{\"cellID\":\"3\"}",
                "X-Request-ID",
                "req-7",
                "X-Forwarded-For",
                "10.0.0.1",
                "X-Client-ID",
                "forged",
                "Cookie",
                "secret",
                "Idempotency-Key",
                "k1",
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "tracestate",
                "a=b");

    DemoCell.Received received = router.cell("3").received().getLast();
    assertEquals("req-7", response.headers().firstValue("X-Request-ID").orElse(""));
    assertEquals("req-7", received.header("X-Request-ID"));
    assertEquals("10.0.0.1, 127.0.0.1", received.header("X-Forwarded-For"));
    assertEquals("anonymous", received.header("X-Client-ID"));
    assertEquals("3", received.header("X-Cell-ID"));
    assertEquals("/api/route?x=1", received.header("X-Original-URI"));
    assertEquals("k1", received.header("Idempotency-Key"));
    assertEquals("a=b", received.header("tracestate"));
    assertEquals("", received.header("Cookie"));
    assertTrue(
        received
            .header("traceparent")
            .matches("00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)[0-9a-f]{16}-01"));
    assertTrue(received.body().matches("\\{\"cellID\":\"3\",\"timestamp\":\"[0-9T:.-]+Z\"}"));
  }
}
