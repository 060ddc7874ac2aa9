package io.cellrouter.lifecycle;

import io.cellrouter.edge.ServingState;
import io.cellrouter.forward.HttpClients;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.HealthBoard;
import io.cellrouter.resilience.HttpProbe;
import io.cellrouter.resilience.Prober;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What goes on beside the requests: probes, the watch on files, the step to serving. */
final class Background implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(10);

  private final Prober prober;
  private final HttpProbe probe;
  private final List<Thread> threads;

  private Background(Prober prober, HttpProbe probe, List<Thread> threads) {
    this.prober = prober;
    this.probe = probe;
    this.threads = threads;
  }

  static Background start(Parts parts) {
    Duration timeout = parts.config().probes().timeout();
    HttpProbe probe = new HttpProbe(secure -> HttpClients.create(secure, timeout));
    Prober prober =
        new Prober(
            parts.config().probes(),
            probe,
            parts.board(),
            Parts.RANDOM,
            Thread::sleep,
            parts.log());
    prober.follow(probed(parts.cells().snapshot()));
    List<Thread> threads = new ArrayList<>();
    threads.add(
        Thread.ofVirtual()
            .name("serving")
            .start(() -> serveWhenProbed(parts.state(), parts.board())));
    // Reading a file holds on to the thread that does it, so platform threads.
    threads.add(Thread.ofPlatform().name("keys").daemon().start(parts.keys()::watch));
    threads.add(Thread.ofPlatform().name("admin-keys").daemon().start(parts.adminKeys()::watch));
    threads.add(Thread.ofPlatform().name("config").daemon().start(parts.reloader()::run));
    Thread.ofVirtual().name("clients").start(parts.cells().snapshot().clients()::prepare);
    // Loads some hundred classes, so not before the ports are open.
    Thread.ofVirtual().name("jvm-metrics").start(parts.metrics()::registerProcess);
    return new Background(prober, probe, threads);
  }

  private static List<Prober.Probed> probed(Snapshot snapshot) {
    return snapshot.map().cells().stream()
        .map(cell -> new Prober.Probed(cell, snapshot.clients().of(cell).places()))
        .toList();
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    prober.close();
    probe.close();
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
