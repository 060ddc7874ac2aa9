package io.cellrouter.forward;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Takes any request on loopback, keeps it, and does what its script says; then it answers 200. */
final class ScriptedCell implements AutoCloseable {
  static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  /** Closes without a byte of an answer. */
  static final String CLOSE = "";

  /** Closes without a byte of an answer, {@link #SLOW} after it has read the request. */
  static final String SLOW_CLOSE = "slow close";

  static final Duration SLOW = Duration.ofMillis(40);

  /** A reset in the middle of the answer. */
  static final String RESET = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";

  /** Says nothing and stays. */
  static final String SILENCE = "silence";

  /** Answers 200, but only when {@link #release} has been called. */
  static final String HELD = "held";

  private final CountDownLatch released = new CountDownLatch(1);
  private final ServerSocket listener;
  private final ConcurrentLinkedQueue<String> script = new ConcurrentLinkedQueue<>();
  private final List<List<String>> heads = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  ScriptedCell(String... replies) throws IOException {
    this(InetAddress.getLoopbackAddress(), 0, replies);
  }

  ScriptedCell(InetAddress address, int port, String... replies) throws IOException {
    this.listener = new ServerSocket(port, 50, address);
    script.addAll(List.of(replies));
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  void release() {
    released.countDown();
  }

  /** Connections open now. */
  int connected() {
    return open.size();
  }

  /** Request line and header lines of each request that came. */
  List<List<String>> heads() {
    return heads;
  }

  List<String> bodies() {
    return bodies;
  }

  /** The values of one header, one a request. */
  List<String> values(String name) {
    return heads.stream().map(head -> value(head, name)).toList();
  }

  private static String value(List<String> head, String name) {
    return head.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("");
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        open.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
      while (true) {
        List<String> head = new ArrayList<>();
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
          head.add(line);
        }
        if (head.isEmpty()) {
          return;
        }
        String length = value(head, "content-length");
        char[] body = new char[length.isEmpty() ? 0 : Integer.parseInt(length)];
        for (int at = 0; at < body.length; ) {
          at += in.read(body, at, body.length - at);
        }
        bodies.add(new String(body));
        heads.add(head);
        String reply = script.isEmpty() ? OK : script.remove();
        if (reply.equals(SILENCE)) {
          in.read();
          return;
        }
        if (reply.equals(SLOW_CLOSE)) {
          Thread.sleep(SLOW);
          reply = CLOSE;
        }
        if (reply.equals(HELD)) {
          released.await();
          reply = OK;
        }
        connection.getOutputStream().write(reply.getBytes(StandardCharsets.ISO_8859_1));
        if (reply.equals(RESET)) {
          connection.setSoLinger(true, 0);
          return;
        }
        if (reply.equals(CLOSE)) {
          return;
        }
      }
    } catch (IOException | InterruptedException e) {
      // The client gave up, as it may.
    } finally {
      open.remove(connection);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket connection : open) {
      connection.close();
    }
  }
}
