package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.telemetry.Log;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Probes every cell in the background, each in a thread of its own: a cell that hangs delays no
 * probe but its own. Intervals are jittered by 20 % either way, so that replicas do not march in
 * step.
 */
public final class Prober {
  private static final double JITTER = 0.2;

  private final CellMap map;
  private final RouterConfig.Probes probes;
  private final Probe probe;
  private final HealthBoard board;
  private final RandomGenerator random;
  private final Sleeper sleeper;
  private final Log log;

  /** One probe of one cell; returns within the timeout and never throws for what a cell does. */
  @FunctionalInterface
  public interface Probe {
    CellHealth.Status check(Cell cell, Duration timeout) throws InterruptedException;
  }

  /** {@link Thread#sleep(Duration)}, or a fake one. */
  @FunctionalInterface
  public interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  public Prober(
      CellMap map,
      RouterConfig.Probes probes,
      Probe probe,
      HealthBoard board,
      RandomGenerator random,
      Sleeper sleeper,
      Log log) {
    this.map = map;
    this.probes = probes;
    this.probe = probe;
    this.board = board;
    this.random = random;
    this.sleeper = sleeper;
    this.log = log.named("probe");
  }

  /** Starts the threads; they end when interrupted. */
  public List<Thread> start() {
    return map.cells().stream()
        .map(cell -> Thread.ofVirtual().name("probe-" + cell.id()).start(() -> run(cell)))
        .toList();
  }

  private void run(Cell cell) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        round(cell);
        sleeper.sleep(nextInterval());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A probe that fails in a way nobody thought of must not be the cell's last. */
  private CellHealth.Status check(Cell cell) throws InterruptedException {
    try {
      return probe.check(cell, probes.timeout());
    } catch (RuntimeException e) {
      log.error("the probe of cell " + cell.id() + " failed", e);
      return CellHealth.Status.UNREACHABLE;
    }
  }

  /** Probes once and logs a change. */
  void round(Cell cell) throws InterruptedException {
    CellHealth before = board.of(cell);
    CellHealth after = board.found(cell, check(cell));
    if (before.rounds() == 0 || before.status() != after.status()) {
      log.info("cell " + cell.id() + " (" + cell.name() + ") is " + after.status().label());
    }
  }

  Duration nextInterval() {
    double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
    return Duration.ofNanos((long) (probes.interval().toNanos() * factor));
  }
}
