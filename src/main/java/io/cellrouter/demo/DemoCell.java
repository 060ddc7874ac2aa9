package io.cellrouter.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

/**
 * One cell on loopback: {@code /api} with any method and {@code GET /health} as the nginx cells
 * answer them, {@code GET} and {@code POST /faults?latency=200&stall=body} to see and change how it
 * misbehaves.
 *
 * <p>It speaks HTTP/1.1 on a plain socket, a virtual thread a connection, because its faults (a
 * reset, half a body, a byte a second) are things no HTTP server lets one do.
 */
public final class DemoCell implements AutoCloseable {
  private static final int MAX_BODY = 16 * 1_024 * 1_024;

  private final String id;
  private final String name;
  private final ServerSocket listener;
  private final RandomGenerator random;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Queue<Received> received = new ConcurrentLinkedQueue<>();
  private final boolean recording;
  private volatile Faults faults;
  private volatile boolean closed;

  /**
   * A request as the cell saw it.
   *
   * @param head request line and header lines, in order
   */
  public record Received(List<String> head, String body) {
    public Received {
      head = List.copyOf(head);
    }

    /** The value of a header, empty when it is missing. */
    public String header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return head.stream()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip())
          .findFirst()
          .orElse("");
    }
  }

  private DemoCell(
      String id,
      String name,
      ServerSocket listener,
      Faults faults,
      RandomGenerator random,
      boolean recording) {
    this.id = id;
    this.name = name;
    this.listener = listener;
    this.faults = faults;
    this.random = random;
    this.recording = recording;
  }

  /**
   * @param port 0 takes a free one
   * @throws IOException when the port cannot be had
   */
  public static DemoCell start(String id, String name, int port, Faults faults) throws IOException {
    return start(id, name, port, faults, false);
  }

  /** A cell that remembers every request, for tests. */
  public static DemoCell recording(String id) throws IOException {
    return recording(id, 0);
  }

  /** The same on a port of its own, so that it can come back after it was closed. */
  public static DemoCell recording(String id, int port) throws IOException {
    return start(id, "nginx-" + id, port, Faults.NONE, true);
  }

  private static DemoCell start(String id, String name, int port, Faults faults, boolean recording)
      throws IOException {
    ServerSocket listener = new ServerSocket();
    try {
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    DemoCell cell =
        new DemoCell(id, name, listener, faults, RandomGenerator.getDefault(), recording);
    Thread.ofVirtual().name("cell-" + id).start(cell::accept);
    return cell;
  }

  public int port() {
    return listener.getLocalPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  public void faults(Faults faults) {
    this.faults = faults;
  }

  /** What came in so far, when recording. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  /** Ends all connections that are open now; new ones are taken. */
  public void cut() {
    for (Socket connection : connections) {
      try {
        connection.close();
      } catch (IOException e) {
        throw new UncheckedIOException("closing sockets on loopback failed", e);
      }
    }
  }

  /** Connections open now. */
  public int connections() {
    return connections.size();
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing sockets on loopback failed", e);
    }
    cut();
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
    connections.add(connection);
    try (connection) {
      if (closed) {
        return; // Accepted while we were being closed: not seen by close().
      }
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream());
      List<String> head = readHead(in);
      while (!head.isEmpty()) {
        answer(connection, new Received(head, readBody(in, head)));
        head = readHead(in);
      }
    } catch (IOException | InterruptedException e) {
      // The peer has gone, or we reset the connection ourselves: either way it is over.
    } finally {
      connections.remove(connection);
    }
  }

  private void answer(Socket connection, Received request)
      throws IOException, InterruptedException {
    String[] line = request.head().getFirst().split(" ", -1);
    String target = line.length > 1 ? line[1] : "";
    if (target.startsWith("/faults")) {
      send(connection, change(line[0], target));
      return;
    }
    if (recording && !target.equals("/health")) {
      received.add(request);
    }
    Faults now = faults;
    if (now.latencyMillis() > 0) {
      Thread.sleep(now.latencyMillis());
    }
    Reply reply = reply(line[0], target, now);
    switch (now.stall()) {
      case NONE -> {
        if (random.nextDouble() < now.resetRate()) {
          sendPart(connection, reply);
          connection.setSoLinger(true, 0); // Makes close() a reset.
          connection.close();
        } else {
          send(connection, reply);
        }
      }
      case HEADERS -> awaitClose(connection);
      case BODY -> {
        sendPart(connection, reply);
        awaitClose(connection);
      }
      case DRIP -> drip(connection, reply);
    }
  }

  private record Reply(int status, String body) {
    byte[] head() {
      String phrase = status == 200 ? "OK" : status == 404 ? "Not Found" : "Internal Server Error";
      return """
          HTTP/1.1 %d %s
          Server: demo-cell
          Content-Type: application/json
          Content-Length: %d

          """
          .formatted(status, phrase, bytes().length)
          .replace("\n", "\r\n")
          .getBytes(StandardCharsets.US_ASCII);
    }

    byte[] bytes() {
      return body.getBytes(StandardCharsets.UTF_8);
    }
  }

  private Reply reply(String method, String target, Faults now) {
    if (random.nextDouble() < now.errorRate()) {
      return new Reply(500, "{\"error\": \"injected\", \"server\": \"" + name + "\"}");
    }
    return switch (method + " " + target) {
      case "POST /api", "GET /api", "PUT /api", "PATCH /api", "DELETE /api" ->
          new Reply(
              200,
              "{\"cellID\": \"%s\", \"server\": \"%s\", \"message\": \"Hello from cell %s\"}"
                  .formatted(id, name, id));
      case "GET /health" ->
          new Reply(200, "{\"status\": \"healthy\", \"server\": \"" + name + "\"}");
      default -> new Reply(404, "{\"error\": \"not found\"}");
    };
  }

  private Reply change(String method, String target) {
    int query = target.indexOf('?');
    if (method.equals("POST") && query > 0) {
      try {
        Faults changed = faults;
        for (String pair : target.substring(query + 1).split("&", -1)) {
          String[] parts = pair.split("=", 2);
          changed = changed.with(parts[0], parts.length > 1 ? parts[1] : "");
        }
        faults = changed;
      } catch (IllegalArgumentException e) {
        return new Reply(500, "{\"error\": \"" + e.getMessage().replace("\"", "'") + "\"}");
      }
    }
    return new Reply(200, faults.json());
  }

  private static void send(Socket connection, Reply reply) throws IOException {
    OutputStream out = connection.getOutputStream();
    byte[] head = reply.head();
    byte[] body = reply.bytes();
    byte[] whole = new byte[head.length + body.length];
    System.arraycopy(head, 0, whole, 0, head.length);
    System.arraycopy(body, 0, whole, head.length, body.length);
    out.write(whole);
  }

  private static void sendPart(Socket connection, Reply reply) throws IOException {
    OutputStream out = connection.getOutputStream();
    out.write(reply.head());
    out.write(reply.bytes(), 0, reply.bytes().length / 2);
    out.flush();
  }

  private static void drip(Socket connection, Reply reply)
      throws IOException, InterruptedException {
    OutputStream out = connection.getOutputStream();
    out.write(reply.head());
    for (byte each : reply.bytes()) {
      out.write(each);
      Thread.sleep(1_000);
    }
  }

  /** Falls silent until the peer gives up. */
  private static void awaitClose(Socket connection) throws IOException {
    connection.getInputStream().transferTo(OutputStream.nullOutputStream());
    connection.close();
  }

  /** Request line and headers; empty at the end of the connection. */
  private static List<String> readHead(InputStream in) throws IOException {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int c;
    while ((c = in.read()) >= 0) {
      if (c == '\n') {
        if (line.isEmpty()) {
          return lines;
        }
        lines.add(line.toString());
        line.setLength(0);
      } else if (c != '\r') {
        line.append((char) c);
      }
    }
    return List.of();
  }

  private static String readBody(InputStream in, List<String> head) throws IOException {
    String length = new Received(head, "").header("Content-Length");
    int bytes = length.isEmpty() ? 0 : Integer.parseInt(length);
    if (bytes > MAX_BODY) {
      throw new IOException("body too large for a demo cell");
    }
    return new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
  }
}
