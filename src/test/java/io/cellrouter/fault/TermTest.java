package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two routers behind what a cluster has before them; the one that gets everything is asked to end.
 * No cell is in trouble; one is slow, so that its requests are in flight then.
 */
@Tag("fault")
class TermTest {
  private static final int RATE = 60;
  private static final Duration WARM_UP = Duration.ofMillis(1_500);
  private static final Duration WITHOUT = Duration.ofSeconds(3);
  private static final Duration DRAIN = Duration.ofSeconds(2);

  /** As in {@link Trial}: what only a busy machine explains is tried again. */
  private static final int TRIES = 3;

  @Test
  void noRequestIsLostWhenARouterIsAskedToEnd() throws Exception {
    Row.forget(Fault.TERM);
    Ended ended = end();
    int round = 1;
    for (; round < TRIES && !ended.with.isAsGoodAs(ended.without); round++) {
      ended = end();
    }
    ended.with.assertAsGoodAs(ended.without);
    new Row(
            Fault.TERM,
            "200 100 %",
            ended.requests + " × 200",
            ended.without + " → " + ended.with + Row.round(round),
            Row.seconds(ended.took) + " to its exit, " + Row.seconds(bound()),
            ended.held)
        .keep();
  }

  /** Drain delay, the slowest answer, a second of silence, and the JVM's own end, generously. */
  private static Duration bound() {
    return DRAIN.plusSeconds(6);
  }

  private record Ended(long requests, Speed without, Speed with, Duration took, String held) {}

  private static Ended end() throws Exception {
    try (DemoCell one = DemoCell.recording("1");
        DemoCell two = DemoCell.recording("2");
        DemoCell three = DemoCell.recording("3")) {
      three.faults(Faults.NONE.with("latency", "300"));
      List<DemoCell> cells = List.of(one, two, three);
      Map<String, String> settings =
          Map.of(
              "NGINX_1_URL", one.url(),
              "NGINX_2_URL", two.url(),
              "NGINX_3_URL", three.url(),
              "DRAIN_DELAY", Long.toString(DRAIN.toSeconds()),
              "REQUEST_TIMEOUT", "5");
      try (RouterProcess first = router(settings);
          RouterProcess second = router(settings);
          Balancer balancer = Balancer.before(first, second)) {
        Held idle = Held.by(second);
        Ended ended = underLoad(balancer, first);
        Held held = Held.assertIsBackTo(idle, second);
        assertEquals(ended.requests, distinct(cells), "each reached a cell");
        assertEquals(
            ended.requests,
            cells.stream().mapToLong(cell -> cell.received().size()).sum(),
            "each reached a cell once");
        return new Ended(
            ended.requests, ended.without, ended.with, ended.took, idle + " → " + held);
      }
    }
  }

  private static long distinct(List<DemoCell> cells) {
    return cells.stream()
        .flatMap(cell -> cell.received().stream())
        .map(DemoCell.Received::body)
        .distinct()
        .count();
  }

  private static Ended underLoad(Balancer balancer, RouterProcess first) throws Exception {
    try (Load load = Load.start(balancer.port(), Map.of("1", RATE, "2", RATE, "3", RATE))) {
      TimeUnit.NANOSECONDS.sleep(WARM_UP.toNanos());
      long without = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(WITHOUT.toNanos());
      long with = System.nanoTime();
      first.signal("TERM");
      // A balancer that asks must be told when to ask again, as everybody who is refused.
      Eventually.isTrue(() -> Seen.in(first.management().get("/ready")).equals("503 draining"));
      assertEquals(0, first.awaitExit());
      Duration took = Duration.ofNanos(System.nanoTime() - with);
      assertTrue(took.compareTo(bound()) <= 0, () -> "took " + took);
      TimeUnit.NANOSECONDS.sleep(WITHOUT.toNanos());
      load.stop();
      List<Shot> shots = load.shots();
      assertEquals(List.of(), shots.stream().filter(Shot::failed).toList());
      return new Ended(
          shots.size(),
          speed(shots.stream().filter(shot -> shot.due() >= without && shot.due() < with)),
          speed(shots.stream().filter(shot -> shot.due() >= with)),
          took,
          "");
    }
  }

  /** Of the quick cells: the slow one would hide everything. */
  private static Speed speed(Stream<Shot> shots) {
    return Speed.of(shots.filter(shot -> !shot.cell().equals("3")).toList());
  }

  private static RouterProcess router(Map<String, String> settings) throws Exception {
    RouterProcess router = RouterProcess.start(settings, "-Djdk.httpclient.keepalive.timeout=2");
    Eventually.isTrue(() -> router.management().get("/ready").statusCode() == 200);
    return router;
  }
}
