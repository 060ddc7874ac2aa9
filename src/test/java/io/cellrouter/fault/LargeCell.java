package io.cellrouter.fault;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A cell whose answers are a megabyte each, one a connection, and may stop before their end. */
final class LargeCell implements AutoCloseable {
  static final int SIZE = 1_000_000;

  private static final byte[] BODY =
      ("\"" + "x".repeat(SIZE - 2) + "\"").getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket listener =
      new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
  private volatile boolean stalling;

  LargeCell() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "http://127.0.0.1:" + listener.getLocalPort();
  }

  /** Whether the last byte of each answer that begins from now on is kept back. */
  void stall(boolean stalling) {
    this.stalling = stalling;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket connection = listener.accept();
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = new BufferedInputStream(connection.getInputStream());
      String head = head(in);
      if (head.isEmpty()) {
        return;
      }
      byte[] body = head.startsWith("GET") ? "{}".getBytes(StandardCharsets.US_ASCII) : BODY;
      OutputStream out = connection.getOutputStream();
      out.write(
          """
          HTTP/1.1 200 OK
          Content-Type: application/json
          Connection: close
          Content-Length: %d

          """
              .formatted(body.length)
              .replace("\n", "\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      boolean stalls = stalling && body == BODY;
      out.write(body, 0, stalls ? body.length - 1 : body.length);
      if (!stalls) {
        connection.shutdownOutput();
      }
      in.transferTo(OutputStream.nullOutputStream()); // Until the router has gone.
    } catch (IOException e) {
      // It has.
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      head.append((char) next);
      if (next == '\n' && head.indexOf("\r\n\r\n", head.length() - 4) >= 0) {
        return head.toString();
      }
    }
    return "";
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
