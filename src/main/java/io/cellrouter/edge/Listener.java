package io.cellrouter.edge;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One listening port with its own dispatcher and its own threads. */
public final class Listener implements AutoCloseable {
  /** Connections the kernel may hold before they are accepted; it caps at net.core.somaxconn. */
  private static final int BACKLOG = 4_096;

  private final HttpServer server;
  private final ExecutorService executor;

  private Listener(HttpServer server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  /** The port is taken, or the address is not ours; the message is fit for an operator. */
  public static final class CannotListenException extends Exception {
    private static final long serialVersionUID = 1L;

    CannotListenException(String message) {
      super(message);
    }
  }

  /** A listener with a virtual thread for each request. */
  public static Listener open(String setting, InetSocketAddress address, HttpHandler handler)
      throws CannotListenException {
    return open(setting, address, handler, Executors.newVirtualThreadPerTaskExecutor());
  }

  /**
   * A listener with platform threads of its own: virtual ones would share their carriers with the
   * public listener, and a flood there would starve the probes here.
   */
  public static Listener openManagement(
      String setting, InetSocketAddress address, HttpHandler handler) throws CannotListenException {
    return open(
        setting,
        address,
        handler,
        Executors.newFixedThreadPool(
            4, Thread.ofPlatform().name("management-", 0).daemon().factory()));
  }

  private static Listener open(
      String setting, InetSocketAddress address, HttpHandler handler, ExecutorService executor)
      throws CannotListenException {
    try {
      HttpServer server = HttpServer.create(address, BACKLOG);
      server.setExecutor(executor);
      server.createContext("/", handler);
      server.start();
      return new Listener(server, executor);
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

  /** Stops accepting at once and waits for exchanges under way, no longer than this. */
  public void stop(int seconds) {
    server.stop(seconds);
    executor.shutdown();
  }

  @Override
  public void close() {
    stop(0);
  }
}
