package io.cellrouter.support;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
    return connect(port, 0);
  }

  /**
   * @param receiveBuffer bytes the kernel may take in before the test reads; 0 leaves it to choose
   */
  public static Wire connect(int port, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer); // Has to stand before the handshake.
    }
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    return new Wire(socket);
  }

  /**
   * A text block as it stands on the wire: line feeds become CR LF, while ␊ stands for a bare LF
   * and ␍ for a lone CR.
   */
  public static String crlf(String textBlock) {
    return textBlock.replace("\n", "\r\n").replace('␊', '\n').replace('␍', '\r');
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

  /** Sends a text block as a request, see {@link #crlf}. Characters above 0x7f go as Latin-1. */
  public Wire send(String textBlock) throws IOException {
    return sendExactly(crlf(textBlock));
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
    String head = head();
    if (head.isEmpty()) {
      return new Answer(0, "", "");
    }
    Answer bare = new Answer(Integer.parseInt(head.substring(9, 12)), head, "");
    String length = bare.header("Content-Length");
    byte[] body = in.readNBytes(length.isEmpty() ? 0 : Integer.parseInt(length));
    return new Answer(bare.status(), bare.head(), new String(body, StandardCharsets.UTF_8));
  }

  /** Reads status line and headers of one response; empty when the connection ended without. */
  public String head() throws IOException {
    StringBuilder head = new StringBuilder();
    try {
      int c;
      while ((c = in.read()) >= 0) {
        head.append((char) c);
        if (head.length() >= 4 && head.lastIndexOf("\r\n\r\n") == head.length() - 4) {
          return head.toString();
        }
      }
    } catch (SocketException e) {
      // Reset: no more of it will come.
    }
    return "";
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

  /**
   * Whether the peer has ended the connection; looks for so long only. What it sends meanwhile is
   * thrown away. For a client that paces itself by this instead of sleeping.
   */
  public boolean cutWithin(int millis) throws IOException {
    socket.setSoTimeout(millis);
    try {
      return in.readNBytes(Integer.MAX_VALUE) != null;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    } finally {
      socket.setSoTimeout(PATIENCE_MILLIS);
    }
  }

  /** How many more bytes come before the connection ends, in whatever way it does. */
  public long countRest() throws IOException {
    long count = 0;
    byte[] buffer = new byte[65_536];
    try {
      int read;
      while ((read = in.read(buffer)) >= 0) {
        count += read;
      }
    } catch (SocketException e) {
      // Reset: what came before still counts.
    }
    return count;
  }

  /** Ends the connection with a reset instead of an orderly close. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
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
