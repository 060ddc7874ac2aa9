package io.cellrouter.fault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A port before a cell whose packets can be made to vanish, without root and without a firewall
 * rule that a killed test would leave behind: a listening socket whose backlog is full, to which
 * the kernel answers no SYN; and what comes on connections that are there already is thrown away.
 */
final class BlackHole implements AutoCloseable {
  private static final int BACKLOG = 1_024;

  private final int cellPort;
  private final int port;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<Socket> fillers = new ArrayList<>();
  private ServerSocket listener;
  private volatile boolean swallowing;

  BlackHole(int cellPort) throws IOException {
    this.cellPort = cellPort;
    this.listener = listen(0, BACKLOG);
    this.port = listener.getLocalPort();
    accept(listener);
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  /** From now on nothing comes through, and no connection is made. */
  void open() throws IOException {
    swallowing = true;
    listener.close();
    listener = Rebind.of(() -> listen(port, 1));
    // The kernel takes one more than the backlog says; the rest of these go unanswered like others.
    for (int i = 0; i < 2; i++) {
      Socket filler = new Socket();
      filler.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      fillers.add(filler);
    }
  }

  /** All is well again for new connections. */
  void heal() throws IOException {
    for (Socket filler : fillers) {
      filler.close();
    }
    fillers.clear();
    listener.close();
    listener = Rebind.of(() -> listen(port, BACKLOG));
    swallowing = false;
    accept(listener);
  }

  private static ServerSocket listen(int port, int backlog) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), backlog);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void accept(ServerSocket on) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (!on.isClosed()) {
                try {
                  relay(on.accept());
                } catch (IOException e) {
                  // Closed, or the cell has gone: then the connection is closed too.
                }
              }
            });
  }

  private void relay(Socket near) throws IOException {
    sockets.add(near);
    Socket far = new Socket();
    sockets.add(far);
    try {
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), cellPort));
    } catch (IOException e) {
      near.close();
      throw e;
    }
    Thread.ofVirtual().start(() -> pump(near, far));
    Thread.ofVirtual().start(() -> pump(far, near));
  }

  /** Once something was lost on a connection, nothing more comes through it. */
  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[8_192];
    boolean lost = false;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        lost |= swallowing;
        if (!lost) {
          out.write(buffer, 0, length);
        }
      }
    } catch (IOException e) {
      // One end has gone, so has the other.
    } finally {
      sockets.remove(from);
    }
  }

  @Override
  public void close() throws IOException {
    heal();
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
