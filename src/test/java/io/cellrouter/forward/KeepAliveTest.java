package io.cellrouter.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.Nginx;
import io.cellrouter.support.TestRouter;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections to a real nginx that are reused just when nginx gives them up. A request lost that
 * way may or may not have been acted on, so it is never repeated; keep-alive times decide how often
 * it happens at all.
 */
@Tag("system")
class KeepAliveTest {
  private static final int REQUESTS = 600;
  private static final int AT_ONCE = 6;

  @TempDir Path folder;

  /** How {@value #REQUESTS} requests ended that were sent about nginx's keep-alive time apart. */
  private record Tally(int ok, int closed) {}

  @Test
  void aCellThatKeepsConnectionsLongerThanWeDoLosesNone() throws Exception {
    Tally tally = sendApart("75s", 25_000_000);

    assertEquals(new Tally(REQUESTS, 0), tally);
  }

  @Test
  void aCellThatGivesThemUpFirstLosesSomeEachReportedAndNoneSentTwice() throws Exception {
    Tally tally = sendApart("25ms", 25_000_000);

    // How often the race is lost depends on the machine; that it is rare even when provoked does
    // not: most connections are seen to be closed before they are taken again.
    assertTrue(tally.closed < REQUESTS / 2, tally.toString());
    System.out.println("nginx keeps 25 ms, requests 25 ms apart: " + tally);
  }

  private Tally sendApart(String keepAlive, long nanosApart) throws Exception {
    try (Nginx nginx = Nginx.start(folder, keepAlive);
        TestRouter router =
            TestRouter.start(Map.of("NGINX_1_URL", nginx.url(), "PROBE_INTERVAL", "300"))) {
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
      AtomicInteger ok = new AtomicInteger();
      AtomicInteger closed = new AtomicInteger();
      for (int i = 0; i < REQUESTS / AT_ONCE; i++) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
          for (int j = 0; j < AT_ONCE; j++) {
            threads.submit(() -> count(router.http().route("{\"cellID\":\"1\"}"), ok, closed));
          }
        }
        // A little earlier or later each time, to sweep over the moment of closing.
        LockSupport.parkNanos(nanosApart + (i % 20 - 10) * 200_000L);
      }
      assertEquals(REQUESTS, ok.get() + closed.get(), "every request has one of the two ends");
      Eventually.isTrue(() -> ids(nginx).size() >= ok.get());
      List<String> seen = ids(nginx);
      assertEquals(Set.copyOf(seen).size(), seen.size(), "a request reached the cell twice");
      return new Tally(ok.get(), closed.get());
    }
  }

  private static void count(HttpResponse<String> answer, AtomicInteger ok, AtomicInteger closed) {
    if (answer.statusCode() == 200) {
      ok.incrementAndGet();
    } else if (answer.statusCode() == 502
        && Http.json(answer).get("reason").equals("cell_closed_connection")) {
      closed.incrementAndGet();
    }
  }

  private static List<String> ids(Nginx nginx) {
    try {
      return nginx.requestIds();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
