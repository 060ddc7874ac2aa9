package io.cellrouter.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsEndpointTest {
  private TestRouter router;

  @BeforeEach
  void start() throws Exception {
    router = TestRouter.start();
  }

  @AfterEach
  void stop() {
    router.close();
  }

  @Test
  void seriesOfEveryCellExistAtZeroFromTheStart() {
    Set<String> series = series(scrape());

    for (String cell : List.of("1", "2", "3", "unknown", "")) {
      String id = "{cell_id=\"" + cell + "\"";
      for (String zero :
          List.of(
              "router_requests_total"
                  + id
                  + ",status=\"200\",method=\"POST\",client=\"anonymous\",} 0.0",
              "router_request_duration_seconds_count" + id + ",method=\"POST\",} 0.0",
              "router_upstream_duration_seconds_count" + id + ",} 0.0",
              "router_overhead_seconds_count" + id + ",} 0.0",
              "router_refused_total" + id + ",reason=\"deadline_exceeded\",} 0.0",
              "router_retries_total" + id + ",outcome=\"success\",} 0.0")) {
        assertTrue(series.contains(zero), zero);
      }
    }
    assertTrue(
        series.contains("router_upstream_errors_total{cell_id=\"2\",upstream=\"nginx-2\",} 0.0"));
    assertTrue(series.contains("router_auth_failures_total{reason=\"key_missing\",} 0.0"));
    assertTrue(series.contains("router_inflight_requests{cell_id=\"1\",} 0.0"));
    assertTrue(series.contains("router_cell_state{cell_id=\"1\",state=\"active\",} 1.0"));
    assertTrue(series.contains("router_cell_state{cell_id=\"1\",state=\"draining\",} 0.0"));
    for (String there :
        List.of(
            "router_breaker_state{cell_id=\"1\",state=\"closed\",} 1.0",
            "router_breaker_state{cell_id=\"1\",state=\"half_open\",} 0.0",
            "router_breaker_transitions_total{cell_id=\"1\",to=\"open\",} 0.0",
            "router_bulkhead_limit{cell_id=\"1\",} 256.0",
            "router_endpoints{cell_id=\"1\",state=\"available\",} 1.0",
            "router_endpoints{cell_id=\"1\",state=\"ejected\",} 0.0",
            "router_endpoint_ejections_total{cell_id=\"1\",} 0.0",
            "router_retries_total{cell_id=\"1\",outcome=\"budget\",} 0.0",
            "router_cell_share{cell_id=\"1\",} 100.0",
            "router_cell_override{cell_id=\"1\",} 0.0",
            "router_inflight 0.0",
            "router_rate_replicas 1.0",
            "router_config_stale 0.0",
            "router_config_version 0.0",
            "router_api_keys_stale 0.0")) {
      assertTrue(series.contains(there), there);
    }
    assertTrue(series.stream().anyMatch(line -> line.startsWith("router_inflight_limit ")));
    assertTrue(series.contains("router_map_version 1.0"));
    assertTrue(series.contains("router_config_reloads_total{result=\"failure\",} 0.0"));
    assertTrue(series.contains("router_api_key_reloads_total{result=\"failure\",} 0.0"));
    assertTrue(series.contains("router_log_lines_dropped_total 0.0"));
  }

  @Test
  void countsARoutedRequestOnceAndInItsOwnCell() {
    router.http().route("{\"cellID\":\"2\"}");

    // Counted when the answer is out, so a client may be quicker than the count.
    Eventually.isTrue(
        () -> series(scrape()).contains("router_overhead_seconds_count{cell_id=\"2\",} 1.0"));
    Set<String> series = series(scrape());
    assertTrue(
        series.contains(
            "router_requests_total{cell_id=\"2\",status=\"200\",method=\"POST\",client=\"anonymous\",} 1.0"));
    assertTrue(series.contains("router_upstream_duration_seconds_count{cell_id=\"2\",} 1.0"));
    assertTrue(series.contains("router_overhead_seconds_count{cell_id=\"2\",} 1.0"));
    assertTrue(series.contains("router_upstream_duration_seconds_count{cell_id=\"1\",} 0.0"));
  }

  @Test
  void whatClientsMakeUpBecomesNoLabel() {
    for (String id : List.of("9", "madeup", "evil\\\"}")) {
      router.http().route("{\"cellID\":\"" + id + "\"}");
    }
    router.http().get("/made/up");

    Eventually.isTrue(() -> scrape().body().contains("reason=\"not_found\",} 1.0"));
    String page = scrape().body();
    assertTrue(
        page.contains("router_refused_total{cell_id=\"unknown\",reason=\"unknown_cell\",} 3.0"));
    assertTrue(page.contains("router_refused_total{cell_id=\"\",reason=\"not_found\",} 1.0"));
    assertFalse(page.contains("madeup") || page.contains("evil") || page.contains("made/"));
  }

  @Test
  void openMetricsCarriesTheTraceOfASampledRequest() {
    router
        .http()
        .route(
            "{\"cellID\":\"1\"}",
            "traceparent",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

    Eventually.isTrue(
        () -> series(scrape()).contains("router_overhead_seconds_count{cell_id=\"1\",} 1.0"));
    HttpResponse<String> page =
        router.http().get("/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
    assertEquals(
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
        page.headers().firstValue("Content-Type").orElse(""));
    assertTrue(page.body().contains("# {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"}"));
    assertTrue(page.body().endsWith("# EOF\n"));
  }

  @Test
  void plainTextSaysSoExactly() {
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        scrape().headers().firstValue("Content-Type").orElse(""));
    assertFalse(scrape().body().contains("_created"));
  }

  private HttpResponse<String> scrape() {
    return router.management().get("/metrics");
  }

  private static Set<String> series(HttpResponse<String> page) {
    return page.body().lines().collect(Collectors.toSet());
  }
}
