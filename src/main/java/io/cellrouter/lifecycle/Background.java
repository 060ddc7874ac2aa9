package io.cellrouter.lifecycle;

import io.cellrouter.edge.ServingState;
import io.cellrouter.resilience.HealthBoard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What goes on beside the requests: probes, the watch on files, the step to serving. */
final class Background implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(10);

  private final Probes probes;
  private final List<Thread> threads;

  private Background(Probes probes, List<Thread> threads) {
    this.probes = probes;
    this.threads = threads;
  }

  static Background start(Parts parts) {
    parts.probes().follow(parts.cells().snapshot());
    List<Thread> threads = new ArrayList<>();
    threads.add(
        Thread.ofVirtual()
            .name("serving")
            .start(() -> serveWhenProbed(parts.state(), parts.board())));
    // Reading a file holds on to the thread that does it, so platform threads.
    threads.add(Thread.ofPlatform().name("keys").daemon().start(parts.keys()::watch));
    threads.add(Thread.ofPlatform().name("admin-keys").daemon().start(parts.adminKeys()::watch));
    threads.add(Thread.ofPlatform().name("config").daemon().start(parts.reloader()::run));
    threads.add(Thread.ofPlatform().name("fleet").daemon().start(parts.fleet()));
    Thread.ofVirtual().name("clients").start(parts.cells().snapshot().clients()::prepare);
    // Loads some hundred classes, so not before the ports are open.
    Thread.ofVirtual().name("jvm-metrics").start(parts.metrics()::registerProcess);
    return new Background(parts.probes(), threads);
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    probes.close();
  }

  private static void serveWhenProbed(ServingState state, HealthBoard board) {
    try {
      while (!board.firstRoundDone()) {
        Thread.sleep(LOOK);
      }
      state.serve();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
