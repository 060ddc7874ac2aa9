package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.LogLevel;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.resilience.CellHealth.Status;
import io.cellrouter.resilience.endpoint.Endpoints;
import io.cellrouter.resilience.endpoint.Places;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class HealthTest {
  private static final List<CellConfig> CELLS =
      List.of(
          CellConfig.of("1", "one", URI.create("http://one")),
          CellConfig.of("2", "two", URI.create("http://two")));

  private final CellMap map = CellMap.of(1, CELLS);
  private final Cell one = map.find("1").orElseThrow();
  private final Cell two = map.find("2").orElseThrow();
  private final HealthBoard board = new HealthBoard(map);
  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

  @Test
  void theFirstRoundIsDoneWhenEachCellHasBeenProbedWhateverWasFound() {
    board.found(one, Status.HEALTHY);
    assertFalse(board.firstRoundDone());
    board.found(two, Status.UNREACHABLE);
    assertTrue(board.firstRoundDone());
  }

  @Test
  void noneIsHealthyOnlyAfterThreeRoundsInARowOfAllCells() {
    for (int round = 0; round < 2; round++) {
      board.found(one, Status.UNREACHABLE);
      board.found(two, Status.UNHEALTHY);
      assertFalse(board.noneHealthy());
    }
    board.found(one, Status.UNREACHABLE);
    assertFalse(board.noneHealthy(), "cell 2 has failed two rounds only");
    board.found(two, Status.UNHEALTHY);
    assertTrue(board.noneHealthy());
    board.found(two, Status.HEALTHY);
    assertFalse(board.noneHealthy(), "one healthy probe ends it");
  }

  @Test
  void probesAreJitteredByTwentyPercentEitherWay() {
    assertEquals(Duration.ofSeconds(8), prober(() -> 0L, List.of()).nextInterval());
    Duration longest = prober(() -> -1L, List.of()).nextInterval();
    assertTrue(longest.compareTo(Duration.ofSeconds(12)) <= 0);
    assertTrue(longest.compareTo(Duration.ofMillis(11_990)) > 0);
  }

  @Test
  void onlyChangesAreLogged() throws Exception {
    Prober prober =
        prober(
            RandomGenerator.getDefault(),
            List.of(Status.HEALTHY, Status.HEALTHY, Status.UNREACHABLE, Status.UNREACHABLE));
    for (int i = 0; i < 4; i++) {
      prober.round(probed(one));
    }
    writer.close();

    List<String> lines = logged.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(2, lines.size());
    // Whoever reads warnings only has to see that a cell is in trouble.
    assertTrue(lines.getFirst().contains("\"INFO\""), lines.getFirst());
    assertTrue(lines.getLast().contains("\"WARN\""), lines.getLast());
    assertEquals(new CellHealth(Status.UNREACHABLE, 4, 2), board.of(one));
  }

  @Test
  void theProberSleepsBetweenProbesAndEndsWhenInterrupted() throws Exception {
    List<Duration> slept = new ArrayList<>();
    Prober prober =
        new Prober(
            new RouterConfig.Probes(Duration.ofSeconds(10), Duration.ofSeconds(1)),
            (target, timeout) -> Status.HEALTHY,
            board,
            () -> 0L,
            duration -> {
              slept.add(duration);
              if (slept.size() == 3) {
                throw new InterruptedException();
              }
            },
            log());

    prober.follow(List.of(probed(one)));
    for (Thread thread : prober.threads()) {
      thread.join();
    }

    assertEquals(
        List.of(Duration.ofSeconds(8), Duration.ofSeconds(8), Duration.ofSeconds(8)), slept);
    assertEquals(3, board.of(one).rounds());
  }

  @Test
  void aProbeThatFailsUnexpectedlyIsNotTheLast() throws Exception {
    Prober prober = prober(RandomGenerator.getDefault(), List.of());

    prober.round(probed(one)); // The iterator is empty: NoSuchElementException.

    assertEquals(new CellHealth(Status.UNREACHABLE, 1, 1), board.of(one));
  }

  @Test
  void aCellIsAsHealthyAsTheBestOfItsPlaces() throws Exception {
    Map<String, Status> found = new HashMap<>();
    Prober prober = prober((target, timeout) -> found.get(target.health().getHost()));
    Prober.Probed three = probed(one, "http://10.0.0.1", "http://10.0.0.2", "http://10.0.0.3");

    found.put("10.0.0.1", Status.UNREACHABLE);
    found.put("10.0.0.2", Status.UNHEALTHY);
    found.put("10.0.0.3", Status.HEALTHY);
    prober.round(three);
    assertEquals(Status.HEALTHY, board.of(one).status());
    found.put("10.0.0.3", Status.UNREACHABLE);
    prober.round(three);
    assertEquals(Status.UNHEALTHY, board.of(one).status());
    found.put("10.0.0.2", Status.UNREACHABLE);
    prober.round(three);
    assertEquals(Status.UNREACHABLE, board.of(one).status());
  }

  @Test
  void placesOfOneCellAreProbedAtTheSameTime() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    Prober prober =
        prober(
            (target, timeout) -> {
              both.countDown();
              return both.await(10, TimeUnit.SECONDS) ? Status.HEALTHY : Status.UNREACHABLE;
            });
    prober.round(probed(one, "http://10.0.0.1", "http://10.0.0.2"));
    assertEquals(Status.HEALTHY, board.of(one).status());
  }

  @Test
  void aCellWithoutAKnownPlaceIsUnreachable() throws Exception {
    Prober prober =
        prober(
            (target, timeout) -> {
              throw new AssertionError("nothing to probe");
            });
    prober.round(probed(one, "http://never-found.test"));
    assertEquals(new CellHealth(Status.UNREACHABLE, 1, 1), board.of(one));
  }

  @Test
  void probesFollowTheCells() throws Exception {
    BlockingQueue<String> probes = new LinkedBlockingQueue<>();
    Prober prober =
        new Prober(
            new RouterConfig.Probes(Duration.ofSeconds(10), Duration.ofSeconds(1)),
            (target, timeout) -> {
              probes.add(target.address());
              return Status.HEALTHY;
            },
            board,
            RandomGenerator.getDefault(),
            duration -> new CountDownLatch(1).await(),
            log());
    Prober.Probed first = probed(one, "http://10.0.0.1");
    prober.follow(List.of(first));
    assertEquals("10.0.0.1:80", probes.poll(10, TimeUnit.SECONDS));
    Thread ofFirst = prober.threads().getFirst();

    prober.follow(List.of(first, probed(two, "http://10.0.0.2")));
    assertEquals("10.0.0.2:80", probes.poll(10, TimeUnit.SECONDS), "a new cell at once");
    assertTrue(prober.threads().contains(ofFirst), "one that stays goes on as before");

    prober.follow(List.of(probed(one, "http://10.0.0.3")));
    assertEquals("10.0.0.3:80", probes.poll(10, TimeUnit.SECONDS), "one that moved at once");
    assertTrue(ofFirst.join(Duration.ofSeconds(10)));
    List<Thread> left = prober.threads();
    assertEquals(1, left.size());
    prober.close();
    assertTrue(left.getFirst().join(Duration.ofSeconds(10)));
    assertEquals(0, probes.size());
  }

  @Test
  void whatAProbeFindsAfterItsCellHasLeftIsForgotten() throws Exception {
    Prober[] prober = new Prober[1];
    CountDownLatch probing = new CountDownLatch(1);
    prober[0] =
        prober(
            (target, timeout) -> {
              probing.countDown();
              LockSupport.parkNanos(Duration.ofSeconds(10).toNanos()); // Until interrupted.
              return Status.HEALTHY;
            });
    prober[0].follow(List.of(probed(one)));
    probing.await();
    Thread thread = prober[0].threads().getFirst();
    prober[0].follow(List.of());
    assertTrue(thread.join(Duration.ofSeconds(10)));
    assertEquals(CellHealth.UNKNOWN, board.of(one));
  }

  private Prober.Probed probed(Cell cell, String... urls) {
    List<Cell.Address> addresses = new ArrayList<>();
    for (String url : urls.length == 0 ? new String[] {"http://10.0.0.1"} : urls) {
      addresses.addAll(Cell.of(CellConfig.of("1", "one", URI.create(url))).addresses());
    }
    Endpoints endpoints =
        new Endpoints(
            System::nanoTime,
            RandomGenerator.getDefault(),
            (address, failures, duration) -> {},
            new AtomicLong());
    return new Prober.Probed(
        cell,
        new Places(
            addresses,
            endpoints,
            host -> {
              throw new UnknownHostException(host);
            },
            log()));
  }

  private Prober prober(Prober.Probe probe) {
    return new Prober(
        new RouterConfig.Probes(Duration.ofSeconds(10), Duration.ofSeconds(1)),
        probe,
        board,
        RandomGenerator.getDefault(),
        duration -> {},
        log());
  }

  private final LogWriter writer = new LogWriter(logged);

  private Log log() {
    return new Log(LogLevel.INFO, Clock.systemUTC(), writer);
  }

  private Prober prober(RandomGenerator random, List<Status> found) {
    Iterator<Status> results = found.iterator();
    return new Prober(
        new RouterConfig.Probes(Duration.ofSeconds(10), Duration.ofSeconds(1)),
        (target, timeout) -> results.next(),
        board,
        random,
        duration -> {},
        log());
  }
}
