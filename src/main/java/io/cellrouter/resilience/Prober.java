package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.LogLevel;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.resilience.endpoint.Places;
import io.cellrouter.resilience.endpoint.Target;
import io.cellrouter.telemetry.Log;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;

/**
 * Probes every cell in the background, each in a thread of its own: a cell that hangs delays no
 * probe but its own. Intervals are jittered by 20 % either way, so that replicas do not march in
 * step.
 *
 * <p>A cell of several places is as healthy as the best of them. Places are probed whether they are
 * ejected or not, and a probe changes nothing about that.
 */
public final class Prober implements AutoCloseable {
  private static final double JITTER = 0.2;

  private final RouterConfig.Probes probes;
  private final Probe probe;
  private final HealthBoard board;
  private final RandomGenerator random;
  private final Sleeper sleeper;
  private final Log log;
  private final Map<String, Running> running = new HashMap<>();

  /** A cell, and where it is at any time. */
  public record Probed(Cell cell, Places places) {}

  /** The thread that probes a cell. */
  private record Running(Probed probed, Thread thread) {}

  /** One probe of one place; returns within the timeout and never throws for what a cell does. */
  @FunctionalInterface
  public interface Probe {
    CellHealth.Status check(Target target, Duration timeout) throws InterruptedException;
  }

  /** {@link Thread#sleep(Duration)}, or a fake one. */
  @FunctionalInterface
  public interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  public Prober(
      RouterConfig.Probes probes,
      Probe probe,
      HealthBoard board,
      RandomGenerator random,
      Sleeper sleeper,
      Log log) {
    this.probes = probes;
    this.probe = probe;
    this.board = board;
    this.random = random;
    this.sleeper = sleeper;
    this.log = log.named("probe");
  }

  /**
   * Probes these cells from now on: at once those that are new or have moved, not any more those
   * that are missing, the others as before.
   */
  public synchronized void follow(List<Probed> cells) {
    Set<String> gone = new HashSet<>(running.keySet());
    for (Probed each : cells) {
      String id = each.cell.id();
      gone.remove(id);
      Running before = running.get(id);
      if (before == null || before.probed.places != each.places) {
        if (before != null) {
          before.thread.interrupt();
        }
        running.put(id, start(each));
      }
    }
    gone.forEach(id -> running.remove(id).thread.interrupt());
  }

  private Running start(Probed probed) {
    return new Running(
        probed, Thread.ofVirtual().name("probe-" + probed.cell.id()).start(() -> run(probed)));
  }

  /** Ends all probes. */
  @Override
  public synchronized void close() {
    follow(List.of());
  }

  /** The threads at work. */
  synchronized List<Thread> threads() {
    return running.values().stream().map(Running::thread).toList();
  }

  private void run(Probed probed) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        round(probed);
        sleeper.sleep(nextInterval());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Probes once and logs a change. */
  void round(Probed probed) throws InterruptedException {
    Cell cell = probed.cell;
    CellHealth.Status status = best(probed);
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedException(); // Nobody wants to know any more.
    }
    CellHealth before = board.of(cell);
    CellHealth after = board.found(cell, status);
    if (before.rounds() == 0 || before.status() != after.status()) {
      log.log(
          after.status() == CellHealth.Status.HEALTHY ? LogLevel.INFO : LogLevel.WARN,
          "cell " + cell.id() + " (" + cell.name() + ") is " + after.status().label());
    }
  }

  private CellHealth.Status best(Probed probed) throws InterruptedException {
    probed.places.await(probes.timeout().toNanos());
    List<Target> targets = probed.places.endpoints().targets();
    if (targets.size() == 1) {
      return check(probed.cell, targets.getFirst());
    }
    CellHealth.Status best = CellHealth.Status.UNREACHABLE;
    for (CellHealth.Status each : checkAll(probed.cell, targets)) {
      best = each.compareTo(best) < 0 ? each : best;
    }
    return best;
  }

  /** All at once: one that hangs must not make the others wait for their turn. */
  private List<CellHealth.Status> checkAll(Cell cell, List<Target> targets)
      throws InterruptedException {
    List<Callable<CellHealth.Status>> checks = new ArrayList<>();
    targets.forEach(target -> checks.add(() -> check(cell, target)));
    List<CellHealth.Status> found = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<CellHealth.Status> each : threads.invokeAll(checks)) {
        found.add(each.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a check lets nothing through", e);
    }
    return found;
  }

  /** A probe that fails in a way nobody thought of must not be the cell's last. */
  private CellHealth.Status check(Cell cell, Target target) throws InterruptedException {
    try {
      return probe.check(target, probes.timeout());
    } catch (RuntimeException e) {
      log.error("the probe of cell " + cell.id() + " failed", e);
      return CellHealth.Status.UNREACHABLE;
    }
  }

  Duration nextInterval() {
    double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
    return Duration.ofNanos((long) (probes.interval().toNanos() * factor));
  }
}
