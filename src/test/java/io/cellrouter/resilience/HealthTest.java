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
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
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
      prober.round(one);
    }
    writer.close();

    assertEquals(2, logged.toString(StandardCharsets.UTF_8).lines().count());
    assertEquals(new CellHealth(Status.UNREACHABLE, 4, 2), board.of(one));
  }

  @Test
  void theProberSleepsBetweenProbesAndEndsWhenInterrupted() throws Exception {
    List<Duration> slept = new ArrayList<>();
    Prober prober =
        new Prober(
            CellMap.of(1, CELLS.subList(0, 1)),
            new RouterConfig.Probes(Duration.ofSeconds(10), Duration.ofSeconds(1)),
            (cell, timeout) -> Status.HEALTHY,
            board,
            () -> 0L,
            duration -> {
              slept.add(duration);
              if (slept.size() == 3) {
                throw new InterruptedException();
              }
            },
            log());

    for (Thread thread : prober.start()) {
      thread.join();
    }

    assertEquals(
        List.of(Duration.ofSeconds(8), Duration.ofSeconds(8), Duration.ofSeconds(8)), slept);
    assertEquals(3, board.of(one).rounds());
  }

  @Test
  void aProbeThatFailsUnexpectedlyIsNotTheLast() throws Exception {
    Prober prober = prober(RandomGenerator.getDefault(), List.of());

    prober.round(one); // The iterator is empty: NoSuchElementException.

    assertEquals(new CellHealth(Status.UNREACHABLE, 1, 1), board.of(one));
  }

  private final LogWriter writer = new LogWriter(logged);

  private Log log() {
    return new Log(LogLevel.INFO, Clock.systemUTC(), writer);
  }

  private Prober prober(RandomGenerator random, List<Status> found) {
    Iterator<Status> results = found.iterator();
    return new Prober(
        map,
        new RouterConfig.Probes(Duration.ofSeconds(10), Duration.ofSeconds(1)),
        (cell, timeout) -> results.next(),
        board,
        random,
        duration -> {},
        log());
  }
}
