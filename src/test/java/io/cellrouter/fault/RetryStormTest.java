package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fault")
class RetryStormTest {
  private static final int RATE = 10;

  private final DemoCell cell;
  private Load storm;

  RetryStormTest() throws Exception {
    cell = DemoCell.recording("3");
  }

  @Test
  void clientsThatRetryTwentyTimesTheLoadMakeTheRouterRetryOneRequestInFive() throws Exception {
    try (cell) {
      Trial.of(Fault.RETRY_STORM)
          .cell("3", cell.url(), () -> received(false))
          .rate("3", RATE)
          // The worst case: nothing but the budget holds the router's own retries back.
          .setting("NGINX_3_BREAKER", "false")
          .setting("NGINX_3_RETRY_IDEMPOTENT", "true")
          .fault(
              router -> {
                cell.faults(Faults.NONE.with("latency", "200").with("reset-rate", "1"));
                // What may be repeated: a key each, which the cell would know again.
                storm =
                    Load.start(
                        router.port(),
                        Map.of("3", 20 * RATE),
                        request -> request.header("Idempotency-Key", "storm"));
              },
              router -> {
                storm.close();
                cell.faults(Faults.NONE);
                budgetHeld();
                assertTrue(
                    Scraped.of(router, "router_retries_total{cell_id=\"3\",outcome=\"budget\"}")
                        > 0,
                    "without refusals nothing has been shown");
              })
          .sees("502 cell_reset")
          .maySee("502 cell_closed_connection")
          .recoversWithin(Duration.ofSeconds(1))
          .run();
    }
  }

  private List<DemoCell.Received> received(boolean keyed) {
    return cell.received().stream()
        .filter(each -> each.header("Idempotency-Key").isEmpty() != keyed)
        .toList();
  }

  /**
   * Of N requests in flight at most N / 5 are being repeated. Repeating one takes no longer than
   * sending it the first time, so r repetitions a request are at most 0.2 (1 + r): one in four.
   */
  private void budgetHeld() {
    Map<String, Long> times =
        received(true).stream()
            .collect(Collectors.groupingBy(DemoCell.Received::body, Collectors.counting()));
    long attempts = times.values().stream().mapToLong(Long::longValue).sum();
    assertTrue(times.values().stream().allMatch(each -> each <= 2), "two attempts at most");
    assertTrue(
        attempts <= 1.25 * times.size() + 3,
        () -> attempts + " attempts for " + times.size() + " requests");
    assertTrue(times.size() < attempts, "nothing was retried, so nothing has been shown");
  }
}
