package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.RouterProcess;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fault")
class DnsTest {
  /** At once; each would hold a carrier thread if its request looked the name up. */
  private static final int ASKED = 20;

  @TempDir private Path folder;

  @Test
  void namesThatWereKnownStayKnownAndLookupsThatHangHoldNobody() throws Exception {
    Optional<List<String>> resolver = OwnResolver.command(folder);
    if (resolver.isEmpty()) {
      Row.notTried(Fault.DNS_GONE, "needs root, for a resolver of its own");
    }
    Assumptions.assumeTrue(resolver.isPresent(), "needs root: a resolver of its own");
    try (NameServer names = NameServer.start("never.test");
        DemoCell cell = DemoCell.recording("3")) {
      int[] before = {0};
      Trial.of(Fault.DNS_GONE)
          .inside(resolver.orElseThrow())
          // It may not fail: its name has been looked up.
          .cell("3", "http://cell-3.test:" + cell.port(), cell::received)
          .setting("NGINX_4_URL", "http://never.test:" + cell.port())
          .fault(
              router -> {
                names.silent(true);
                before[0] = names.unanswered();
                askAtOnce(router);
              },
              router -> names.silent(false))
          .lasts(Duration.ofSeconds(8)) // Names are looked up every five.
          .run();
      assertTrue(names.unanswered() > before[0], "nobody asked while there was no answer");
    }
  }

  /** A cell whose name was never found fails, soon, by name. */
  private static void askAtOnce(RouterProcess router) throws Exception {
    HttpRequest request =
        router
            .http()
            .request("/api/route", "Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"cellID\":\"4\"}"))
            .build();
    long begin = System.nanoTime();
    // A client of its own: its connections end with it.
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < ASKED; i++) {
        answers.add(
            threads.submit(() -> client.send(request, HttpResponse.BodyHandlers.ofString())));
      }
      for (Future<HttpResponse<String>> answer : answers) {
        String seen = Seen.in(answer.get());
        assertTrue(
            Set.of("502 cell_connect_failed", "504 cell_connect_timeout", "503 breaker_open")
                .contains(seen),
            seen);
      }
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
    assertTrue(seconds < 3, () -> "answered after " + seconds + " s");
  }
}
