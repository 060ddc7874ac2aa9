package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A day forward, two days back, and right again, under load. Cells of their own for each thing that
 * counts time: "3" hangs (deadline), "4" has a bucket, "5" refuses (breaker), "6" is overridden,
 * "7" is told the time.
 */
@Tag("fault")
class ClockTest {
  private static final Duration DAY = Duration.ofDays(1);

  /** Nothing that counts time has anything to catch up with. */
  private static final Duration WITHIN = Duration.ofSeconds(2);

  @TempDir private Path folder;
  private WallClock clock;
  private RestartableCell five;
  private DemoCell seven;
  private HttpClient client;
  private final AtomicInteger asked = new AtomicInteger();

  /** Requests that cell "7" was to get: it is told the time instead of a payload of its own. */
  private int told;

  @Test
  void deadlinesBucketsBreakersAndOverridesDoNotNotice() throws Exception {
    Optional<WallClock> settable = WallClock.in(folder);
    if (settable.isEmpty()) {
      Row.notTried(Fault.CLOCK, "needs a C compiler, for a clock that can be set");
    }
    Assumptions.assumeTrue(settable.isPresent(), "needs a C compiler");
    clock = settable.orElseThrow();
    try (DemoCell three = DemoCell.recording("3");
        DemoCell four = DemoCell.recording("4");
        RestartableCell restartable = new RestartableCell("5");
        DemoCell six = DemoCell.recording("6");
        DemoCell teller = DemoCell.recording("7")) {
      five = restartable;
      seven = teller;
      three.faults(Faults.NONE.with("stall", "headers"));
      Trial trial =
          Trial.of(Fault.CLOCK)
              .setting("NGINX_3_URL", three.url())
              .setting("NGINX_4_URL", four.url())
              .setting("NGINX_4_RATE", "0.5")
              .setting("NGINX_4_BURST", "2")
              .setting("NGINX_5_URL", five.url())
              .setting("NGINX_5_BREAKER_MIN_REQUESTS", "5")
              .setting("NGINX_5_BREAKER_OPEN", "5")
              .setting("NGINX_5_BREAKER_OPEN_MAX", "5")
              .setting("NGINX_6_URL", six.url())
              .setting("NGINX_7_URL", seven.url())
              .setting("ADMIN_KEYS_JSON", "{\"k\":\"operator\"}");
      clock.environment().forEach(trial::setting);
      trial
          .alsoReceived(three::received)
          .alsoReceived(four::received)
          .alsoReceived(five::received)
          .alsoReceived(six::received)
          .fault(router -> withClient(() -> jump(router)), router -> clock.shift(Duration.ZERO))
          .comesBack("all cells", WITHIN, this::isAsBefore)
          .lasts(Duration.ofMillis(100))
          .run();
      assertEquals(told, seven.received().size(), "each reached the cell once");
    }
  }

  /** One of its own: its connections end with it. */
  private void withClient(Trying work) throws Exception {
    try (HttpClient own = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      client = own;
      work.run();
    }
  }

  private interface Trying {
    void run() throws Exception;
  }

  private boolean isAsBefore(RouterProcess router) {
    boolean[] all = {false};
    try {
      withClient(
          () ->
              all[0] =
                  wallClock(router).isAfter(Instant.now().minus(DAY.dividedBy(2)))
                      && Stream.of("5", "6").allMatch(cell -> outcome(router, cell).equals("200")));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return all[0];
  }

  private void jump(RouterProcess router) throws Exception {
    five.stop();
    for (int i = 0; i < 5; i++) {
      assertEquals(502, ask(router, "5").statusCode());
    }
    assertEquals("503 breaker_open", outcome(router, "5"));
    assertEquals("200", outcome(router, "4"));
    assertEquals("200", outcome(router, "4"));
    assertEquals("429 rate_limit_cell", outcome(router, "4"));
    override(router);
    long overridden = System.nanoTime();
    CompletableFuture<Long> hanging = CompletableFuture.supplyAsync(() -> untilTooLate(router));

    clock.shift(DAY);
    Eventually.isTrue(() -> wallClock(router).isAfter(Instant.now().plus(DAY.dividedBy(2))));
    assertEquals("503 breaker_open", outcome(router, "5"), "a day later by the wall clock");
    assertEquals("429 rate_limit_cell", outcome(router, "4"), "a day later by the wall clock");
    assertEquals("503 cell_disabled", outcome(router, "6"), "a day later by the wall clock");

    clock.shift(DAY.multipliedBy(-1));
    Eventually.isTrue(() -> wallClock(router).isBefore(Instant.now().minus(DAY.dividedBy(2))));
    five.start();
    // All of it comes back although the wall clock shows a time long before.
    Eventually.isTrue(() -> outcome(router, "6").equals("200"));
    long held = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - overridden);
    assertTrue(held >= 3_900 && held < 7_000, () -> "overridden for " + held + " ms of 4,000");
    Eventually.isTrue(() -> outcome(router, "4").equals("200"));
    Eventually.isTrue(() -> outcome(router, "5").equals("200"));
    long waited = hanging.get();
    assertTrue(waited >= 1_400 && waited < 4_000, () -> "waited " + waited + " ms of 1,500");
  }

  private static void override(RouterProcess router) {
    HttpResponse<String> changed =
        router
            .management()
            .post(
                "/cells",
                "{\"cellID\":\"6\",\"state\":\"disabled\",\"expires_in\":4,\"reason\":\"test\"}",
                "X-API-Key",
                "k");
    assertEquals(200, changed.statusCode(), changed.body());
  }

  /** In milliseconds. */
  private long untilTooLate(RouterProcess router) {
    long begin = System.nanoTime();
    assertEquals("504 deadline_exceeded", outcome(router, "3"));
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
  }

  private HttpResponse<String> ask(RouterProcess router, String cell) {
    String payload =
        cell.equals("7")
            ? ""
            : ",\"payload\":{\"id\":\"clock-%d\"}".formatted(asked.incrementAndGet());
    HttpRequest request =
        router
            .http()
            .request("/api/route", "Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString("{\"cellID\":\"" + cell + "\"" + payload + "}"))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String outcome(RouterProcess router, String cell) {
    return Seen.in(ask(router, cell));
  }

  /** What the router believes it to be: a cell is told when a request without a payload came. */
  private Instant wallClock(RouterProcess router) {
    told++;
    assertEquals("200", outcome(router, "7"));
    try {
      String told = seven.received().getLast().body();
      return Instant.parse((String) JSON.std.mapFrom(told).get("timestamp"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
