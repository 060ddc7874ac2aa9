package io.cellrouter.lifecycle;

import io.cellrouter.auth.KeyStore;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.LogLevel;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.ServingState;
import io.cellrouter.edge.handler.StatusFacts;
import io.cellrouter.forward.CellClients;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.CellGates;
import io.cellrouter.resilience.ClientRates;
import io.cellrouter.resilience.HealthBoard;
import io.cellrouter.resilience.LoadShedder;
import io.cellrouter.route.RouteParser;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.io.OutputStream;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** The paths both listeners know, as {@link Endpoints} lists them; nothing is started. */
public record EndpointPaths(Set<String> forClients, Set<String> management) {
  static final Reloader.Followers NOBODY =
      new Reloader.Followers() {
        @Override
        public void before(CellMap next) {}

        @Override
        public void after(Snapshot current) {}
      };

  public static EndpointPaths read() throws Exception {
    RouterConfig config = ConfigLoader.load(Map.of("NGINX_1_URL", "http://127.0.0.1:1"));
    BuildInfo build = BuildInfo.load();
    Metrics metrics = new Metrics(config.cells(), build);
    CellMap map = CellMap.of(1, config.cells());
    try (LogWriter writer = new LogWriter(OutputStream.nullOutputStream())) {
      Log log = new Log(LogLevel.ERROR, Clock.systemUTC(), writer);
      KeyStore keys = KeyStore.open(RouterConfig.KeySource.none(), log, metrics);
      CellClients clients =
          CellClients.of(
              map,
              config,
              ByteBudget.forAnswers(),
              metrics,
              new Ids(new Random(1)),
              Tracer.off(),
              log);
      LiveCells cells =
          new LiveCells(new Snapshot(map, CellGates.of(map), clients, config.clientRates()));
      try {
        Endpoints endpoints =
            new Endpoints(
                new StatusFacts(
                    build,
                    config,
                    new ServingState(),
                    keys,
                    cells,
                    new HealthBoard(map),
                    new Reloader(
                        config,
                        cells,
                        Optional.empty(),
                        NOBODY,
                        metrics,
                        log,
                        Reloader.Time.system())),
                new Router(new RouteParser(1_024), Clock.systemUTC()),
                keys,
                new Endpoints.Intake(
                    ByteBudget.forRequests(), new ClientRates(() -> 1), new LoadShedder(1)),
                metrics);
        return new EndpointPaths(endpoints.forClients().paths(), endpoints.management().paths());
      } finally {
        clients.close();
      }
    }
  }
}
