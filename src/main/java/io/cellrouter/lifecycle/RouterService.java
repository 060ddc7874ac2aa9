package io.cellrouter.lifecycle;

import io.cellrouter.auth.KeyParser;
import io.cellrouter.auth.KeyStore;
import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellDirectory;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.Listener;
import io.cellrouter.edge.Pipeline;
import io.cellrouter.edge.ServingState;
import io.cellrouter.edge.handler.StatusFacts;
import io.cellrouter.forward.CellClients;
import io.cellrouter.forward.HttpClients;
import io.cellrouter.resilience.CellGates;
import io.cellrouter.resilience.HealthBoard;
import io.cellrouter.resilience.HttpProbe;
import io.cellrouter.resilience.Prober;
import io.cellrouter.resilience.ThreadGroupHandle;
import io.cellrouter.route.RouteParser;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/** A whole router in one process: two listeners, the probes, the clients of the cells. */
public final class RouterService implements AutoCloseable {
  private final RouterConfig config;
  private final Log log;
  private final ServingState state;
  private final Listener publicListener;
  private final Listener management;
  private final CellClients clients;
  private final HttpProbe probe;
  private final Tracer tracer;
  private final ThreadGroupHandle background;

  private RouterService(
      RouterConfig config,
      Log log,
      ServingState state,
      Listener publicListener,
      Listener management,
      CellClients clients,
      HttpProbe probe,
      Tracer tracer,
      ThreadGroupHandle background) {
    this.config = config;
    this.log = log;
    this.state = state;
    this.publicListener = publicListener;
    this.management = management;
    this.clients = clients;
    this.probe = probe;
    this.tracer = tracer;
    this.background = background;
  }

  /**
   * Starts a router; when this returns, both ports are open and the first probes are under way.
   *
   * @param droppedLogLines shown as a metric
   * @throws Listener.CannotListenException when a port cannot be had; nothing is left running
   * @throws KeyParser.BadKeysException when there are keys but they cannot be used
   */
  public static RouterService start(RouterConfig config, Log log, DoubleSupplier droppedLogLines)
      throws Listener.CannotListenException, KeyParser.BadKeysException {
    long begin = System.nanoTime();
    BuildInfo build = BuildInfo.load();
    Metrics metrics = new Metrics(config.cells(), build);
    KeyStore keys = KeyStore.open(config.auth().source(), log, metrics);
    // Not secret, so the fast one; asked for anew each time since it belongs to the thread.
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    Ids ids = new Ids(random);
    CellMap map = CellMap.of(1, config.cells());
    CellDirectory directory = new CellDirectory(map);
    CellGates gates = new CellGates(map, metrics);
    HealthBoard board = new HealthBoard(map, metrics);
    Tracer tracer = Tracer.start(config.tracing(), build, metrics, log);
    CellClients clients = new CellClients(map, config, metrics, ids, tracer);
    ServingState state = new ServingState();
    metrics.gauge(
        "router_map_version", "Version of the cell map.", () -> directory.snapshot().version());
    metrics.gauge("router_api_keys", "API keys in force.", () -> keys.current().size());
    metrics.counter(
        "router_log_lines_dropped",
        "Log lines given up since they could not be written.",
        droppedLogLines);

    Router router = new Router(new RouteParser(config.limits().maxBody()), Clock.systemUTC());
    StatusFacts facts = new StatusFacts(build, config, state, keys, directory, board, gates);
    Endpoints endpoints = new Endpoints(facts, router, clients, metrics);
    Pipeline.Shared shared = new Pipeline.Shared(config, state, ids, metrics, log, tracer);

    String host = config.listeners().bindAddress();
    Listener management;
    try {
      management =
          Listener.openManagement(
              "MANAGEMENT_PORT",
              new InetSocketAddress(host, config.listeners().managementPort()),
              Pipeline.forManagement(endpoints.management(), shared));
    } catch (Listener.CannotListenException e) {
      clients.close();
      tracer.close();
      throw e;
    }
    Listener publicListener;
    try {
      publicListener =
          Listener.open(
              "PORT",
              new InetSocketAddress(host, config.listeners().port()),
              Pipeline.forPublic(endpoints.forClients(), shared));
    } catch (Listener.CannotListenException e) {
      management.close();
      clients.close();
      tracer.close();
      throw e;
    }
    log.info(
        "listening on port "
            + publicListener.port()
            + ", management on port "
            + management.port()
            + ", "
            + config.cells().size()
            + " cells, after "
            + (System.nanoTime() - begin) / 1_000_000
            + " ms");

    HttpProbe probe =
        new HttpProbe(
            HttpClients.create(
                map.cells().stream().anyMatch(Cell::secure), config.probes().timeout()));
    Prober prober = new Prober(map, config.probes(), probe, board, random, Thread::sleep, log);
    ThreadGroupHandle probes = prober.start();
    List<Thread> threads = new ArrayList<>(probes.threads());
    threads.add(Thread.ofVirtual().name("serving").start(() -> serveWhenProbed(state, board)));
    threads.add(Thread.ofPlatform().name("keys").daemon().start(keys::watch));
    Thread.ofVirtual().name("jvm-metrics").start(metrics::registerProcess);
    return new RouterService(
        config,
        log,
        state,
        publicListener,
        management,
        clients,
        probe,
        tracer,
        new ThreadGroupHandle(threads));
  }

  public int port() {
    return publicListener.port();
  }

  public int managementPort() {
    return management.port();
  }

  /** Stops without losing a request: see the package's description for the order. */
  public void drain() throws InterruptedException {
    state.enter(ServingState.Stage.DRAINING);
    log.info(
        "draining: not ready from now on, serving for another "
            + config.timeouts().drainDelay().toMillis()
            + " ms");
    Thread.sleep(config.timeouts().drainDelay());
    publicListener.stop(Math.toIntExact(config.timeouts().request().toSeconds() + 1));
    close();
    log.info("stopped");
  }

  /** Stops at once. */
  @Override
  public void close() {
    background.close();
    publicListener.close();
    management.close();
    probe.close();
    clients.close();
    tracer.close(); // After the last request, so that its spans go out too.
  }

  private static void serveWhenProbed(ServingState state, HealthBoard board) {
    try {
      while (!board.firstRoundDone()) {
        Thread.sleep(10);
      }
      if (state.stage() == ServingState.Stage.STARTING) {
        state.enter(ServingState.Stage.SERVING);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
