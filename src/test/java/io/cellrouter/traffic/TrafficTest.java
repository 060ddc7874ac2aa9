package io.cellrouter.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The load against a real router. */
@Tag("system") // Real seconds pass in it: too slow for the inner loop.
class TrafficTest {
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);

  /** About a second at 150 requests/s, all of which count. */
  private static Options to(int port) {
    return Options.to("http://127.0.0.1:" + port + "/", 1)
        .withMinutes(0.02)
        .withWarmUp(0)
        .withRate(150);
  }

  private String told() {
    return told.toString(StandardCharsets.UTF_8);
  }

  private static String notReady(Options options) {
    return assertThrows(NotReadyException.class, () -> Traffic.prepare(options, Duration.ZERO))
        .getMessage();
  }

  @Test
  void findsTheCellsAndGetsNothingButExpectedAnswers() throws Exception {
    try (TestRouter router = TestRouter.start();
        Traffic traffic = Traffic.prepare(to(router.port()))) {
      assertTrue(traffic.run(out, false), told());

      assertTrue(told().contains("(cells 1, 2, 3; no API key asked for)"), told());
      assertTrue(told().matches("(?s).*\nnormal +\\d+ .*200: \\d+ +-\n.*"), told());
      assertTrue(told().matches("(?s).*\nmalformed body .*422: \\d+ +-\n.*"), told());
      assertTrue(told().contains(" 0 of them answered unexpectedly."), told());
      assertFalse(told().contains("key  "), told());
      for (String id : List.of("1", "2", "3")) {
        assertTrue(router.cell(id).received().size() > 10, "cell " + id);
      }
    }
  }

  /** A router that has just started is slow for a moment, which says nothing of its cells. */
  @Test
  void countsNothingOfTheWarmUp() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      router.cell("1").faults(Faults.NONE.with("error-rate", "1"));
      try (Traffic traffic = Traffic.prepare(to(router.port()).withWarmUp(2))) {
        Thread mending = Thread.ofVirtual().start(() -> mendWhenAsked(router));

        assertTrue(traffic.run(out, false), told());

        mending.join();
        assertTrue(router.log().contains("\"status\":500"), "the warm-up was sent");
        assertTrue(told().contains("0:02 before that, which do not count."), told());
        assertTrue(told().contains(" 0 of them answered unexpectedly."), told());
      }
    }
  }

  private static void mendWhenAsked(TestRouter router) {
    Eventually.isTrue(() -> router.cell("1").received().size() > 5);
    router.cell("1").faults(Faults.NONE);
  }

  @Test
  void waitsForARouterThatIsJustStarting() throws Exception {
    int port = freePort();
    long begun = System.nanoTime();
    assertTrue(notReady(to(port)).contains("connection refused"));
    long refusedAfter = System.nanoTime() - begun; // Of the first, which is slow.
    Thread starting = Thread.ofVirtual().start(() -> answerBadlyAfter(3 * refusedAfter, port));

    NotReadyException told =
        assertThrows(
            NotReadyException.class,
            () -> Traffic.prepare(to(port), Duration.ofSeconds(30)).close());

    assertTrue(told.getMessage().contains("with 404"), told.getMessage());
    starting.join();
  }

  private static void answerBadlyAfter(long nanos, int port) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
      HttpServer late = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
      CountDownLatch asked = new CountDownLatch(1);
      late.createContext(
          "/",
          exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            asked.countDown();
          });
      late.start();
      asked.await(30, TimeUnit.SECONDS);
      late.stop(0);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void reachesTheRouterAsAClientThatHangsUp() throws Exception {
    try (TestRouter router = TestRouter.start();
        Traffic traffic = Traffic.prepare(to(router.port()))) {
      assertTrue(traffic.run(out, false), told());

      Eventually.isTrue(() -> router.log().contains("\"reason\":\"body_truncated\""));
    }
  }

  @Test
  void triesMissingAndWrongKeysWhereTheRouterAsksForThem() throws Exception {
    try (TestRouter router = TestRouter.start(keys());
        Traffic traffic = Traffic.prepare(to(router.port()).withKey("right"))) {
      assertTrue(traffic.run(out, false), told());

      assertTrue(told().contains("with API key"), told());
      assertTrue(told().matches("(?s).*\nmissing key .*401: \\d+ +-\n.*"), told());
      assertTrue(told().matches("(?s).*\nwrong key .*403: \\d+ +-\n.*"), told());
      assertFalse(told().contains("right"), told());
    }
  }

  @Test
  void saysWhenAKeyIsNeededOrRefused() throws Exception {
    try (TestRouter router = TestRouter.start(keys())) {
      assertEquals(
          "the router asks for API keys; give one with --key", notReady(to(router.port())));
      assertEquals(
          "the router refuses the key (status 403)",
          notReady(to(router.port()).withKey("another")));
    }
  }

  private static Map<String, String> keys() {
    return Map.of("API_KEY_ENABLED", "true", "API_KEYS_JSON", "{\"right\":\"shop\"}");
  }

  @Test
  void takesAFailingCellForACellAndItsErrorsForUnexpected() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      router.cell("2").faults(Faults.NONE.with("error-rate", "1"));
      try (Traffic traffic = Traffic.prepare(to(router.port()))) {
        assertFalse(traffic.run(out, false), told());

        assertTrue(told().contains("(cells 1, 2, 3;"), told());
        assertTrue(told().matches("(?s).*\nnormal .*200: \\d+ +500: \\d+\n.*"), told());
      }
    }
  }

  @Test
  void sendsToTheCellsNamedOnly() throws Exception {
    try (TestRouter router = TestRouter.start();
        Traffic traffic = Traffic.prepare(to(router.port()).withCells(List.of("3")))) {
      assertTrue(traffic.run(out, false), told());

      assertEquals(0, router.cell("1").received().size() + router.cell("2").received().size());
      assertTrue(router.cell("3").received().size() > 30);
    }
  }

  @Test
  void endsWithTheSummaryWhenItIsStopped() throws Exception {
    try (TestRouter router = TestRouter.start();
        Traffic traffic = Traffic.prepare(to(router.port()).withMinutes(60))) {
      Thread running = Thread.ofVirtual().unstarted(() -> stopWhenSent(router, traffic));
      running.start();

      assertTrue(traffic.run(out, true), told());

      assertTrue(told().contains("\nkind "), told());
      running.join();
    }
  }

  private static void stopWhenSent(TestRouter router, Traffic traffic) {
    try {
      Eventually.isTrue(() -> router.received().size() > 20);
    } finally {
      traffic.stop(); // Else the hour would have to pass.
    }
  }

  @Test
  void saysThatNothingAnswers() throws Exception {
    int port = freePort();

    assertEquals(
        "nothing answers at http://127.0.0.1:"
            + port
            + ": connection refused; start a router with ./build.sh run",
        notReady(to(port)));
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  @Test
  void sendsNoLoadToWhatIsNotARouter() throws Exception {
    try (DemoCell cell = DemoCell.recording("1")) {
      assertEquals(
          cell.url() + " answers GET / with 404, but not as a cell router does",
          notReady(to(cell.port())));
      assertEquals(1, cell.received().size());
    }
  }

  @Test
  void doesNotFollowARedirect() throws Exception {
    try (TestRouter router = TestRouter.start()) {
      HttpServer redirecting =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      redirecting.createContext(
          "/",
          exchange -> {
            exchange
                .getResponseHeaders()
                .set("Location", "http://127.0.0.1:" + router.port() + "/");
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
          });
      redirecting.start();
      try {
        assertTrue(notReady(to(redirecting.getAddress().getPort())).contains("with 307"));
      } finally {
        redirecting.stop(0);
      }
    }
  }
}
