package io.cellrouter.fault;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Another loopback address at which a cell of this machine is reached, on the same port. */
final class Place implements AutoCloseable {
  private final ServerSocket listener;
  private final int port;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();

  private Place(ServerSocket listener, int port) {
    this.listener = listener;
    this.port = port;
  }

  /**
   * @param address such as 127.0.0.2
   */
  static Place at(String address, int port) throws IOException {
    Place place = new Place(new ServerSocket(port, 1_024, InetAddress.getByName(address)), port);
    Thread.ofPlatform().name("place-" + address).daemon().start(place::accept);
    return place;
  }

  String address() {
    return listener.getInetAddress().getHostAddress();
  }

  /** Made so far. */
  int connections() {
    return connections.get();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket near = listener.accept();
        connections.incrementAndGet();
        Thread.ofVirtual().start(() -> relay(near));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void relay(Socket near) {
    Socket far = new Socket();
    sockets.add(near);
    sockets.add(far);
    try {
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      Thread.ofVirtual().start(() -> Balancer.pump(far, near));
      Balancer.pump(near, far);
    } catch (IOException e) {
      Balancer.close(near);
    } finally {
      sockets.remove(near);
      sockets.remove(far);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    sockets.forEach(Balancer::close);
  }
}
