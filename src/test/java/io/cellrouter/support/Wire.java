package io.cellrouter.support;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A raw connection: what a test writes is what stands on the wire. */
public final class Wire implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  private Wire(Socket socket) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
  }

  public static Wire connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    return new Wire(socket);
  }

  /** One response as it came. */
  public record Answer(int status, String head, String body) {
    /** A header's value, empty when it is missing. */
    public String header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip())
          .findFirst()
          .orElse("");
    }
  }

  /** Sends a text block as a request: its line feeds become CR LF. Bytes above 0x7f as Latin-1. */
  public Wire send(String textBlock) throws IOException {
    return sendExactly(textBlock.replace("\n", "\r\n"));
  }

  /** Sends exactly these characters as Latin-1 bytes. */
  public Wire sendExactly(String bytes) throws IOException {
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /** Ends our direction only. */
  public Wire endOutput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /**
   * Reads one response with a Content-Length (or without a body).
   *
   * @return status 0 when the connection ended without one
   */
  public Answer answer() throws IOException {
    StringBuilder head = new StringBuilder();
    try {
      int c;
      while ((c = in.read()) >= 0) {
        head.append((char) c);
        if (head.length() >= 4 && head.lastIndexOf("\r\n\r\n") == head.length() - 4) {
          break;
        }
      }
    } catch (SocketException e) {
      return new Answer(0, head.toString(), ""); // Reset.
    }
    if (head.isEmpty()) {
      return new Answer(0, "", "");
    }
    Answer bare = new Answer(Integer.parseInt(head.substring(9, 12)), head.toString(), "");
    String length = bare.header("Content-Length");
    byte[] body = in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
    return new Answer(bare.status(), bare.head(), new String(body, StandardCharsets.UTF_8));
  }

  /** Whether the peer ends the connection, having sent nothing more. Waits up to ten seconds. */
  public boolean closed() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  /** Whether another request on the same connection is answered. */
  public boolean survives() throws IOException {
    try {
      send(
          """
          GET /health HTTP/1.1
          Host: test

          """);
      return answer().status() == 200;
    } catch (SocketException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
