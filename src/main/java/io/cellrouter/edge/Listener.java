package io.cellrouter.edge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** One listening port with its own dispatcher and its own threads. */
public final class Listener implements AutoCloseable {
  /** Connections the kernel may hold before they are accepted; it caps at net.core.somaxconn. */
  private static final int BACKLOG = 4_096;

  /** A stopping listener on which nothing has happened for this long is done. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  private static final Duration LOOK = Duration.ofMillis(20);

  private static final int MANAGEMENT_THREADS = 64;

  private final HttpServer server;
  private final ExecutorService executor;
  private final LongAdder inFlight;

  private Listener(HttpServer server, ExecutorService executor, LongAdder inFlight) {
    this.server = server;
    this.executor = executor;
    this.inFlight = inFlight;
  }

  /** The port is taken, or the address is not ours; the message is fit for an operator. */
  public static final class CannotListenException extends Exception {
    private static final long serialVersionUID = 1L;

    CannotListenException(String message) {
      super(message);
    }
  }

  /** A listener with a virtual thread for each request. */
  public static Listener open(String setting, InetSocketAddress address, Pipeline pipeline)
      throws CannotListenException {
    return open(setting, address, pipeline, Executors.newVirtualThreadPerTaskExecutor());
  }

  /**
   * A listener with platform threads of its own: virtual ones would share their carriers with the
   * public listener, and a flood there would starve the probes here.
   */
  public static Listener openManagement(
      String setting, InetSocketAddress address, Pipeline pipeline) throws CannotListenException {
    return open(setting, address, pipeline, managementThreads());
  }

  /**
   * As many as it takes, up to a bound: a thread is held while a request is read, so a few clients
   * that dawdle must not keep the kubelet's probe waiting. Idle threads end.
   */
  private static ExecutorService managementThreads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            MANAGEMENT_THREADS,
            MANAGEMENT_THREADS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("management-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  private static Listener open(
      String setting, InetSocketAddress address, Pipeline pipeline, ExecutorService executor)
      throws CannotListenException {
    try {
      HttpServer server = HttpServer.create(address, BACKLOG);
      Arrivals arrivals = pipeline.arrivals();
      server.setExecutor(task -> executor.execute(() -> arrivals.during(task)));
      LongAdder inFlight = new LongAdder();
      server.createContext("/", exchange -> counted(pipeline, exchange, inFlight));
      server.start();
      return new Listener(server, executor, inFlight);
    } catch (BindException e) {
      executor.shutdownNow();
      throw new CannotListenException(
          "Port "
              + address.getPort()
              + " is already in use (or not ours to take); stop what uses it or set "
              + setting
              + " to another port.");
    } catch (IOException e) {
      executor.shutdownNow();
      throw new CannotListenException(
          "Cannot listen on " + address + " (" + setting + "): " + e.getMessage());
    }
  }

  /** The port really taken. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static void counted(Pipeline pipeline, HttpExchange exchange, LongAdder inFlight)
      throws IOException {
    inFlight.increment();
    try {
      pipeline.handle(exchange);
    } finally {
      inFlight.decrement();
    }
  }

  /**
   * Stops accepting at once and waits for exchanges under way, no longer than this.
   *
   * <p>The JDK's server does that by itself, but counts an exchange whose end could not be written
   * (the client had gone, or did not read) as under way for ever, and would then always wait to the
   * end. So a listener is also done when none of its requests has been in a handler for a second.
   */
  public void stop(int seconds) {
    Thread stopping = Thread.ofPlatform().daemon().start(() -> server.stop(seconds));
    try {
      Duration quiet = Duration.ZERO;
      while (quiet.compareTo(QUIET) < 0 && !stopping.join(LOOK)) {
        quiet = inFlight.sum() == 0 ? quiet.plus(LOOK) : Duration.ZERO;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
    executor.shutdown();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdown();
  }
}
