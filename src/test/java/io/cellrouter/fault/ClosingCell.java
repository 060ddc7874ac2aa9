package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cell whose keep-alive ends, when it misbehaves, exactly when the second request of a connection
 * is there: once with a reset before it read a byte of it, once with a close after it read (and, a
 * real one would, acted on) all of it.
 */
final class ClosingCell implements AutoCloseable {
  private static final byte[] ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener =
      new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
  private final Queue<DemoCell.Received> received = new ConcurrentLinkedQueue<>();
  private final AtomicInteger reuses = new AtomicInteger();
  private final AtomicInteger unread = new AtomicInteger();
  private final AtomicInteger unanswered = new AtomicInteger();
  private volatile boolean closing;

  ClosingCell() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  void closeOnReuse(boolean misbehave) {
    closing = misbehave;
  }

  Collection<DemoCell.Received> received() {
    return received;
  }

  /** A trial in which the router never reused a connection would prove nothing. */
  void assertFaultWasThere() {
    assertTrue(unread.get() > 10, "connections reset when a request came: " + unread);
    assertTrue(unanswered.get() > 10, "connections closed after a request: " + unanswered);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return; // Closed.
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      boolean reused = false;
      while (true) {
        in.mark(1);
        int first = in.read();
        if (first < 0) {
          return;
        }
        in.reset();
        boolean misbehave = closing && reused && first == 'P';
        boolean reset = misbehave && reuses.incrementAndGet() % 2 == 0;
        if (reset) {
          unread.incrementAndGet();
          connection.setSoLinger(true, 0); // Makes close() a reset.
          return;
        }
        read(in);
        if (misbehave) {
          unanswered.incrementAndGet();
          return;
        }
        connection.getOutputStream().write(ANSWER);
        reused = true;
      }
    } catch (IOException e) {
      // The router has gone.
    }
  }

  /** Probes, which have no body, are answered and forgotten. */
  private void read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the request is cut off");
      }
      head.append((char) next);
    }
    DemoCell.Received request = new DemoCell.Received(List.of(head.toString().split("\r\n")), "");
    String length = request.header("Content-Length");
    if (!length.isEmpty()) {
      String body = new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
      received.add(new DemoCell.Received(request.head(), body));
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
