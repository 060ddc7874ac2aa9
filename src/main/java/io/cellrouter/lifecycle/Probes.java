package io.cellrouter.lifecycle;

import io.cellrouter.config.RouterConfig;
import io.cellrouter.forward.HttpClients;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.HealthBoard;
import io.cellrouter.resilience.HttpProbe;
import io.cellrouter.resilience.Prober;
import io.cellrouter.telemetry.Log;

/** The probes of the cells in force, at the addresses that requests go to. */
record Probes(Prober prober, HttpProbe probe) implements AutoCloseable {
  /** Starts nothing. */
  static Probes of(RouterConfig config, HealthBoard board, Log log) {
    HttpProbe probe =
        new HttpProbe(secure -> HttpClients.create(secure, config.probes().timeout()));
    return new Probes(
        new Prober(config.probes(), probe, board, Parts.RANDOM, Thread::sleep, log), probe);
  }

  /** Starts and ends probes so that they are those of this snapshot's cells. */
  void follow(Snapshot snapshot) {
    prober.follow(
        snapshot.map().cells().stream()
            .map(cell -> new Prober.Probed(cell, snapshot.clients().of(cell).places()))
            .toList());
  }

  @Override
  public void close() {
    prober.close();
    probe.close();
  }
}
