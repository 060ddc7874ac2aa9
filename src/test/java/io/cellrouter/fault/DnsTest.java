package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fault")
class DnsTest {
  /** At once; each would hold a carrier thread if its request looked the name up. */
  private static final int ASKED = 20;

  private static final String LATE = "late.test";

  /**
   * Ten until the question that is under way is asked again, five until the next, and a breaker.
   */
  private static final Duration WITHIN = Duration.ofSeconds(18);

  @TempDir private Path folder;
  private NameServer names;
  private int before;

  /** Whose requests for a name that was never found were tried. */
  private RouterProcess asked;

  /** Where the name of the cell is, and the connections that it had there before. */
  private volatile Place place;

  private volatile int connections;

  @Test
  void namesThatWereKnownStayKnownAndLookupsThatHangHoldNobody() throws Exception {
    Optional<List<String>> resolver = OwnResolver.command(folder);
    if (resolver.isEmpty()) {
      Row.notTried(Fault.DNS_GONE, "needs root, for a resolver of its own");
    }
    Assumptions.assumeTrue(resolver.isPresent(), "needs root: a resolver of its own");
    try (NameServer server = NameServer.start(LATE);
        DemoCell cell = DemoCell.recording("3");
        Place one = Place.at("127.0.0.2", cell.port());
        Place other = Place.at("127.0.0.3", cell.port())) {
      names = server;
      place = one;
      names.address(one.address());
      Trial.of(Fault.DNS_GONE)
          .inside(resolver.orElseThrow())
          // It may not fail: its name has been looked up.
          .cell("3", "http://cell-3.test:" + cell.port(), cell::received)
          // The same cell, so that what reached it is recorded too.
          .setting("NGINX_4_URL", "http://" + LATE + ":" + cell.port())
          .fault(
              this::fallSilent,
              router -> {
                place = place == one ? other : one;
                connections = place.connections();
                names.address(place.address());
                names.answers(LATE, true);
                names.silent(false);
              })
          .comesBack("a moved address", WITHIN, router -> place.connections() > connections)
          .comesBack("a name never found before", WITHIN, DnsTest::lateIsFound)
          .lasts(Duration.ofSeconds(8)) // Names are looked up every five.
          .run();
      assertTrue(names.unanswered() > before, "nobody asked while there was no answer");
    }
  }

  private void fallSilent(RouterProcess router) throws Exception {
    names.silent(true);
    before = names.unanswered();
    if (router != asked) { // It finds the name in its first round.
      names.answers(LATE, false);
      askAtOnce(router);
      asked = router;
    }
  }

  private static boolean lateIsFound(RouterProcess router) {
    LockSupport.parkNanos(200_000_000);
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return Seen.in(client.send(toFour(router), HttpResponse.BodyHandlers.ofString()))
          .equals(Shot.OK);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** With a payload of its own, as all that {@link Trial} looks for at the cells. */
  private static HttpRequest toFour(RouterProcess router) {
    return router
        .http()
        .request("/api/route", "Content-Type", "application/json")
        .POST(
            HttpRequest.BodyPublishers.ofString(
                "{\"cellID\":\"4\",\"payload\":{\"id\":\"%s\"}}".formatted(UUID.randomUUID())))
        .build();
  }

  /** A cell whose name was never found fails, soon, by name. */
  private static void askAtOnce(RouterProcess router) throws Exception {
    long begin = System.nanoTime();
    // A client of its own: its connections end with it.
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < ASKED; i++) {
        answers.add(
            threads.submit(
                () -> client.send(toFour(router), HttpResponse.BodyHandlers.ofString())));
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
