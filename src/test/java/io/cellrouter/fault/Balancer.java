package io.cellrouter.fault;

import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * What stands before several routers in a cluster: a new connection goes to the first router whose
 * {@code /ready} says 200, looked at once a second, since a cluster takes that long to tell; one
 * that is there stays where it is.
 */
final class Balancer implements AutoCloseable {
  private final List<RouterProcess> routers;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile RouterProcess target;

  private Balancer(List<RouterProcess> routers) throws IOException {
    this.routers = routers;
    this.target = routers.getFirst();
    this.listener = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
  }

  /** The first one gets everything for as long as it is ready. */
  static Balancer before(RouterProcess... routers) throws IOException {
    Balancer balancer = new Balancer(List.of(routers));
    Thread.ofPlatform().name("balancer-readiness").daemon().start(balancer::look);
    Thread.ofPlatform().name("balancer").daemon().start(balancer::accept);
    return balancer;
  }

  int port() {
    return listener.getLocalPort();
  }

  private void look() {
    while (!listener.isClosed()) {
      for (RouterProcess router : routers) {
        if (ready(router)) {
          target = router;
          break;
        }
      }
      LockSupport.parkNanos(1_000_000_000);
    }
  }

  private static boolean ready(RouterProcess router) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + router.managementPort() + "/ready")
                  .toURL()
                  .openConnection();
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(1_000);
      boolean ready = connection.getResponseCode() == 200;
      connection.disconnect();
      return ready;
    } catch (IOException e) {
      return false; // It has gone.
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        sockets.add(near);
        Thread.ofVirtual().start(() -> relay(near));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void relay(Socket near) {
    Socket far = new Socket();
    sockets.add(far);
    try {
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target.port()));
      Thread.ofVirtual().start(() -> pump(far, near));
      pump(near, far);
    } catch (IOException e) {
      close(near);
    } finally {
      sockets.remove(near);
      sockets.remove(far);
    }
  }

  /** When one side says no more, the other is told so once all has come through. */
  static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One end has gone, so does the other.
    } finally {
      close(from);
      close(to);
    }
  }

  static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing sockets on loopback failed", e);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    sockets.forEach(Balancer::close);
  }
}
