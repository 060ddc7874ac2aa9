package io.cellrouter.lifecycle;

import io.cellrouter.auth.KeyParser;
import io.cellrouter.config.Advice;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.ConnectionLimit;
import io.cellrouter.edge.Listener;
import io.cellrouter.telemetry.Log;
import java.net.InetSocketAddress;
import java.util.function.DoubleSupplier;

/** A whole router in one process: two listeners, the probes, the clients of the cells. */
public final class RouterService implements AutoCloseable {
  private final Parts parts;
  private final Listener publicListener;
  private final Listener management;
  private final Background background;

  private RouterService(
      Parts parts, Listener publicListener, Listener management, Background background) {
    this.parts = parts;
    this.publicListener = publicListener;
    this.management = management;
    this.background = background;
  }

  /**
   * Starts a router; when this returns, both ports are open and the first probes are under way.
   *
   * @param reader makes a configuration of what {@code ROUTER_CONFIG} holds later on
   * @param droppedLogLines shown as a metric
   * @throws Listener.CannotListenException when a port cannot be had; nothing is left running
   * @throws KeyParser.BadKeysException when there are keys but they cannot be used
   */
  public static RouterService start(
      RouterConfig config, ConfigReader reader, Log log, DoubleSupplier droppedLogLines)
      throws Listener.CannotListenException, KeyParser.BadKeysException {
    long begin = System.nanoTime();
    int connections = ConnectionLimit.lowerToHeap();
    Parts parts = Parts.of(config, reader, log, droppedLogLines);
    parts
        .metrics()
        .gauge(
            "router_connections_limit",
            "Connections of clients at most, by heap; one more is closed at once.",
            () -> connections);
    parts
        .metrics()
        .counter(
            "router_requests_cut",
            "Requests cut while they came in, too slowly for the heap to hold them all.",
            () -> parts.publicPipeline().requestsCut() + parts.managementPipeline().requestsCut());
    try {
      Listener management =
          Listener.openManagement(
              "MANAGEMENT_PORT",
              address(config, config.listeners().managementPort()),
              parts.managementPipeline());
      Listener publicListener;
      try {
        publicListener =
            Listener.open(
                "PORT", address(config, config.listeners().port()), parts.publicPipeline());
      } catch (Listener.CannotListenException e) {
        management.close();
        throw e;
      }
      log.info(
          "listening on port "
              + publicListener.port()
              + ", management on port "
              + management.port()
              + ", "
              + config.cells().size()
              + " cells, at most "
              + connections
              + " connections, after "
              + (System.nanoTime() - begin) / 1_000_000
              + " ms");
      Advice.of(config).forEach(log.named("config")::warn);
      return new RouterService(parts, publicListener, management, Background.start(parts));
    } catch (Listener.CannotListenException e) {
      parts.close();
      throw e;
    }
  }

  private static InetSocketAddress address(RouterConfig config, int port) {
    return new InetSocketAddress(config.listeners().bindAddress(), port);
  }

  public int port() {
    return publicListener.port();
  }

  public int managementPort() {
    return management.port();
  }

  /** Stops without losing a request: see the package's description for the order. */
  public void drain() throws InterruptedException {
    RouterConfig.Timeouts timeouts = parts.config().timeouts();
    parts.state().drain();
    parts
        .log()
        .info(
            "draining: not ready from now on, serving for another "
                + timeouts.drainDelay().toMillis()
                + " ms");
    Thread.sleep(timeouts.drainDelay());
    publicListener.stop(Math.toIntExact(timeouts.request().toSeconds() + 1));
    close();
    parts.log().info("stopped");
  }

  /** Stops at once. */
  @Override
  public void close() {
    background.close();
    publicListener.close();
    management.close();
    parts.close();
  }
}
