package io.cellrouter.lifecycle;

import io.cellrouter.auth.KeyParser;
import io.cellrouter.auth.KeyStore;
import io.cellrouter.cell.CellMap;
import io.cellrouter.cell.ConfigStatus;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.Pipeline;
import io.cellrouter.edge.ServingState;
import io.cellrouter.edge.handler.StatusFacts;
import io.cellrouter.forward.CellClients;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.CellGates;
import io.cellrouter.resilience.ClientRates;
import io.cellrouter.resilience.Fleet;
import io.cellrouter.resilience.HealthBoard;
import io.cellrouter.resilience.LoadShedder;
import io.cellrouter.route.RouteParser;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.time.Clock;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/**
 * Everything a router consists of but its ports and background threads, put together from the
 * configuration.
 */
record Parts(
    RouterConfig config,
    Log log,
    Metrics metrics,
    KeyStore keys,
    KeyStore adminKeys,
    HealthBoard board,
    ServingState state,
    LiveCells cells,
    Reloader reloader,
    Probes probes,
    Fleet fleet,
    Tracer tracer,
    Pipeline publicPipeline,
    Pipeline managementPipeline)
    implements AutoCloseable {

  /** Not secret, so the fast one; asked for anew each time, since it belongs to the thread. */
  static final RandomGenerator RANDOM = () -> ThreadLocalRandom.current().nextLong();

  /**
   * @param reader for when {@code ROUTER_CONFIG} changes
   * @param droppedLogLines shown as a metric
   * @throws KeyParser.BadKeysException when there are keys but they cannot be used
   */
  static Parts of(RouterConfig config, ConfigReader reader, Log log, DoubleSupplier droppedLogLines)
      throws KeyParser.BadKeysException {
    BuildInfo build = BuildInfo.load();
    Metrics metrics = new Metrics(config.cells(), build);
    KeyStore keys = KeyStore.open(config.auth().source(), log, metrics);
    KeyStore adminKeys = KeyStore.openForAdmins(config.adminKeys(), log, metrics);
    Ids ids = new Ids(RANDOM);
    CellMap map = CellMap.of(1, config.cells());
    HealthBoard board = new HealthBoard(map);
    Probes probes = Probes.of(config, board, log);
    ServingState state = new ServingState();
    Tracer tracer = Tracer.start(config.tracing(), build, metrics, log);
    Fleet fleet = new Fleet(config.peersDns(), log);
    ByteBudget bodies = ByteBudget.forRequests();
    ByteBudget answers = ByteBudget.forAnswers();
    LoadShedder shedder = new LoadShedder(config.overload().maxInFlight());
    LiveCells cells =
        new LiveCells(
            new Snapshot(
                map,
                CellGates.of(map, fleet::replicas, log),
                CellClients.of(map, config, answers, metrics, ids, tracer, log),
                config.clientRates()));
    Reloader reloader =
        new Reloader(
            config,
            cells,
            config.source().file().map(file -> new ConfigFile(file, reader, Thread::sleep)),
            new Reloader.Followers() {
              @Override
              public void before(CellMap next) {
                board.follow(next);
              }

              @Override
              public void after(Snapshot current) {
                probes.follow(current);
              }
            },
            metrics,
            log,
            Reloader.Time.system());
    CellGauges.bind(cells, board, reloader, metrics);
    metrics.gauge(
        "router_config_version",
        "Version that the configuration file in force states.",
        () -> reloader.config().version());
    metrics.gauge(
        "router_config_stale",
        "1 while ROUTER_CONFIG cannot be used, so that the last good one is in force.",
        () -> reloader.config().freshness() == ConfigStatus.Freshness.STALE ? 1 : 0);
    metrics.gauge(
        "router_api_keys_stale",
        "1 while a key file cannot be used, so that earlier keys are in force.",
        () -> keys.stale() || adminKeys.stale() ? 1 : 0);
    metrics.gauge(
        "router_inflight", "Routed requests in flight over all cells.", shedder::inFlight);
    metrics.gauge(
        "router_inflight_limit", "In flight at most; fewer of low priority.", shedder::limit);
    metrics.gauge(
        "router_request_bytes",
        "Memory that bodies of requests hold, those up to 1 KiB aside.",
        bodies::held);
    metrics.gauge(
        "router_request_bytes_limit",
        "Memory that they may hold: an eighth of the heap.",
        bodies::limit);
    metrics.gauge(
        "router_answer_bytes",
        "Memory that answers of cells hold until they are written, those up to 8 KiB aside.",
        answers::held);
    metrics.gauge(
        "router_answer_bytes_limit",
        "Memory that they may hold: an eighth of the heap, and half of that for one cell.",
        answers::limit);
    metrics.gauge(
        "router_rate_replicas", "Routers that the rates are divided by.", fleet::replicas);
    metrics.gauge(
        "router_map_version", "Version of the cell map.", () -> cells.snapshot().map().version());
    metrics.gauge("router_api_keys", "API keys in force.", () -> keys.current().size());
    metrics.counter(
        "router_log_lines_dropped",
        "Log lines given up since they could not be written.",
        droppedLogLines);

    Router router = new Router(new RouteParser(config.limits().maxBody()), Clock.systemUTC());
    StatusFacts facts = new StatusFacts(build, config, state, keys, cells, board, reloader);
    Endpoints endpoints =
        new Endpoints(
            facts,
            router,
            adminKeys,
            new Endpoints.Intake(bodies, new ClientRates(fleet::replicas), shedder),
            metrics);
    Pipeline.Shared shared = new Pipeline.Shared(config, state, ids, metrics, log, tracer);
    return new Parts(
        config,
        log,
        metrics,
        keys,
        adminKeys,
        board,
        state,
        cells,
        reloader,
        probes,
        fleet,
        tracer,
        Pipeline.forPublic(endpoints.forClients(), shared),
        Pipeline.forManagement(endpoints.management(), shared));
  }

  /** Ends the connections to the cells, then sends the spans of the last requests. */
  @Override
  public void close() {
    cells.snapshot().clients().close();
    tracer.close();
  }
}
