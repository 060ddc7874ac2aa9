package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NeighboursTest {
  private static final int CPUS = Runtime.getRuntime().availableProcessors();

  /** On a busy machine it gets less of a CPU, but then the others that have it are seen too. */
  @Test
  void aProcessThatTurnsInCirclesIsSeen() throws Exception {
    Neighbours neighbours = Neighbours.ofThis();
    Process circles = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
    try {
      TimeUnit.SECONDS.sleep(1);
      double cpus = neighbours.share() * CPUS;
      assertTrue(cpus > 0.5, () -> "others took " + cpus + " CPUs");
    } finally {
      circles.destroyForcibly();
    }
  }

  @Test
  void whatThisProcessTakesIsNotTheOthers() throws Exception {
    Neighbours neighbours = Neighbours.ofThis();
    long begin = System.nanoTime();
    long before = takenByUs();
    try (ExecutorService threads = Executors.newFixedThreadPool(CPUS)) {
      for (int i = 0; i < CPUS; i++) {
        threads.execute(() -> turnInCirclesUntil(begin + 1_000_000_000L));
      }
    }
    double ours = (double) (takenByUs() - before) / (System.nanoTime() - begin) / CPUS;
    double theirs = neighbours.share();
    assertTrue(theirs < 1 - 0.8 * ours, () -> "others took " + theirs + ", this took " + ours);
  }

  private static void turnInCirclesUntil(long nanoTime) {
    while (System.nanoTime() < nanoTime) {
      Thread.onSpinWait();
    }
  }

  private static long takenByUs() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }
}
