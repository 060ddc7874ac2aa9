package io.cellrouter.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.Faults;
import io.cellrouter.support.Edge;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import io.cellrouter.support.Wire;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A draining router keeps serving and asks every client to go elsewhere. */
class DrainTest {
  @Test
  void endsEveryConnectionWithItsNextAnswerWhileItStillServes() throws Exception {
    try (TestRouter router = TestRouter.start(Map.of("DRAIN_DELAY", "600"));
        Wire routed = Wire.connect(router.port());
        Wire refused = Wire.connect(router.port());
        Wire old = Wire.connect(router.port())) {
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
      assertTrue(routed.survives() && refused.survives() && old.survives());

      Thread drain = drain(router);
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 503);

      assertCloses(routed, Edge.route("{\"cellID\":\"1\"}"), 200);
      assertCloses(refused, Edge.route("{\"cellID\":\"9\"}"), 422);
      assertCloses(old, "GET /health HTTP/1.0\nConnection: keep-alive\n\n", 200);
      drain.interrupt();
      drain.join();
    }
  }

  /**
   * The JDK's server counts an exchange as open for ever when its end could not be written, be it
   * that the client had gone or that reading the rest of its body threw, and waits for it when it
   * stops: here for {@code REQUEST_TIMEOUT} and a second, which is 31.
   */
  @Test
  void isNotHeldUpByExchangesThatCouldNotBeEnded() throws Exception {
    try (TestRouter router = TestRouter.start();
        Wire overflowing = Wire.connect(router.port())) {
      overflowing.send(
          """
          POST /api/route HTTP/1.1
          Host: test
          Transfer-Encoding: chunked

          80000000
          x
          """);
      assertEquals(411, overflowing.answer().status());
      assertTrue(overflowing.closed());

      router.cell("1").faults(Faults.NONE.with("latency", "300"));
      try (Wire gone = Wire.connect(router.port())) {
        gone.send(Edge.route("{\"cellID\":\"1\"}").replaceFirst("\n", "\nX-Request-ID: gone\n"));
        Eventually.isTrue(() -> !router.received().isEmpty());
        gone.reset();
      }
      router.logLine("gone");

      Thread drain = drain(router);
      Eventually.isTrue(() -> !drain.isAlive());
    }
  }

  @Test
  void finishesWhatIsInFlight() throws Exception {
    try (TestRouter router = TestRouter.start();
        Wire wire = Wire.connect(router.port())) {
      router.cell("1").faults(Faults.NONE.with("latency", "1200"));
      wire.send(Edge.route("{\"cellID\":\"1\"}"));
      Eventually.isTrue(() -> !router.received().isEmpty());

      Thread drain = drain(router);

      Wire.Answer answer = wire.answer();
      assertEquals(200, answer.status());
      assertEquals("close", answer.header("Connection"));
      Eventually.isTrue(() -> !drain.isAlive());
    }
  }

  private static Thread drain(TestRouter router) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                router.service().drain();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // The test has seen enough.
              }
            });
  }

  private static void assertCloses(Wire wire, String request, int status) throws IOException {
    Wire.Answer answer = wire.send(request).answer();
    assertEquals(status, answer.status());
    assertEquals("close", answer.header("Connection"));
    assertTrue(wire.closed());
  }
}
