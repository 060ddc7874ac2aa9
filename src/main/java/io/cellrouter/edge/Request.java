package io.cellrouter.edge;

import com.sun.net.httpserver.HttpExchange;
import io.cellrouter.resilience.ByteLease;
import io.cellrouter.telemetry.CellMetrics;
import io.cellrouter.telemetry.TraceContext;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One request on its way through the filters, and what has been found out about it so far. Belongs
 * to one thread. What the access log and the metrics tell in the end is gathered here.
 */
public final class Request {
  /**
   * Allocated at once; more as it really comes: announcing a megabyte must not cost one. Then
   * {@value #GROWTH} times as much each time: twice would throw away as much again as the body is
   * long, and in a heap full of bodies each megabyte thrown away brings the next full collection
   * nearer.
   */
  private static final int FIRST_CAPACITY = 1_024;

  private static final long GROWTH = 4;

  private final HttpExchange exchange;
  private final RequestHeaders headers;
  private final String path;
  private final long startNanos;
  private final String id;
  private final TraceContext trace;
  private final Arrivals arrivals;
  private String client = "";
  private String peerAddress;
  private CellMetrics cell;
  private String upstream = "";
  private long upstreamNanos = -1;
  private boolean bodyRead;
  private final List<Runnable> held = new ArrayList<>(0);

  Request(
      HttpExchange exchange,
      RequestHeaders headers,
      long startNanos,
      String id,
      TraceContext trace,
      CellMetrics noCell,
      Arrivals arrivals) {
    this.exchange = exchange;
    this.headers = headers;
    this.path = pathOf(exchange.getRequestURI());
    this.startNanos = startNanos;
    this.id = id;
    this.trace = trace;
    this.cell = noCell;
    this.arrivals = arrivals;
  }

  /** {@link System#nanoTime} when the request's headers had been read. */
  public long startNanos() {
    return startNanos;
  }

  /** The caller's {@code X-Request-ID} when it is a sane one, else our own. */
  public String id() {
    return id;
  }

  public TraceContext trace() {
    return trace;
  }

  public String method() {
    return exchange.getRequestMethod();
  }

  /** The path, undecoded and not normalised: paths are compared byte for byte. */
  public String path() {
    return path;
  }

  private static String pathOf(URI target) {
    String text = target.toString();
    if (text.startsWith("//")) {
      // To java.net.URI "//x/health" is the path /health of the host x; to HTTP it is a path.
      int query = text.indexOf('?');
      return query < 0 ? text : text.substring(0, query);
    }
    String path = target.getRawPath();
    return path == null ? "" : path;
  }

  /** The query, undecoded; empty when there is none. */
  public String query() {
    String query = exchange.getRequestURI().getRawQuery();
    return query == null ? "" : query;
  }

  /** Path and query as they came. */
  public String originalUri() {
    return query().isEmpty() ? path() : path() + "?" + query();
  }

  /** The first value of a header, empty when it is missing. */
  public String header(HeaderName name) {
    return headers.first(name);
  }

  /** All values of a header. */
  public List<String> headerValues(HeaderName name) {
    return headers.all(name);
  }

  RequestHeaders headers() {
    return headers;
  }

  HttpExchange exchange() {
    return exchange;
  }

  /** The address of the peer, which may be a load balancer. */
  public String peerAddress() {
    if (peerAddress == null) {
      // Kept, since several ask for it and the JDK spells it anew for each.
      peerAddress = exchange.getRemoteAddress().getAddress().getHostAddress();
    }
    return peerAddress;
  }

  /** The announced length of the body; -1 when none is. */
  public long contentLength() {
    String value = header(HeaderName.CONTENT_LENGTH);
    return value.isEmpty() ? -1 : Long.parseLong(value); // FramingFilter has checked the digits.
  }

  /**
   * Reads the whole body, into memory that is paid for before it is allocated.
   *
   * @return empty when there is no room for it; the rest is unread then
   * @throws EOFException when the connection ended before {@link #contentLength} bytes had come
   */
  public Optional<byte[]> readBody(ByteLease lease) throws IOException {
    try {
      return body(lease);
    } finally {
      arrivals.arrived();
    }
  }

  private Optional<byte[]> body(ByteLease lease) throws IOException {
    int length = Math.toIntExact(Math.max(0, contentLength()));
    InputStream in = exchange.getRequestBody();
    byte[] body = new byte[Math.min(length, FIRST_CAPACITY)];
    int come = read(in, body, 0);
    while (come < length) {
      int capacity = (int) Math.min(length, GROWTH * body.length);
      if (!lease.covers(capacity)) {
        return Optional.empty();
      }
      body = Arrays.copyOf(body, capacity);
      come = read(in, body, come);
    }
    // The stream learns that it has ended by being asked; else its end allocates to look for more.
    if (in.read() >= 0) {
      throw new IllegalStateException("more than Content-Length bytes");
    }
    bodyRead = true;
    return Optional.of(body);
  }

  /** Fills the array from there on, and gives its length. */
  private static int read(InputStream in, byte[] body, int from) throws IOException {
    if (in.readNBytes(body, from, body.length - from) < body.length - from) {
      throw new EOFException("the body ended early");
    }
    return body.length;
  }

  /** Whether bytes of a body may still be on their way. */
  boolean bodyPending() {
    return !bodyRead
        && (!header(HeaderName.CONTENT_LENGTH).isEmpty()
            || !header(HeaderName.TRANSFER_ENCODING).isEmpty())
        && !header(HeaderName.CONTENT_LENGTH).equals("0");
  }

  /** The name of the authenticated client, {@code anonymous}, or empty before that is known. */
  public String client() {
    return client;
  }

  public void client(String name) {
    client = name;
  }

  public CellMetrics cell() {
    return cell;
  }

  /** Notes which cell the request is about; {@code upstream} is empty unless it is configured. */
  public void cell(CellMetrics metrics, String upstream) {
    this.cell = metrics;
    this.upstream = upstream;
  }

  public String upstream() {
    return upstream;
  }

  /** Notes how long the exchange with the cell took. */
  public void exchanged(long nanos) {
    upstreamNanos = nanos;
  }

  /** Nanoseconds spent waiting for the cell; -1 when no exchange took place. */
  public long upstreamNanos() {
    return upstreamNanos;
  }

  /**
   * Keeps something until the answer has been written, or could not be.
   *
   * @param release gives it back; must not throw
   */
  public void holds(Runnable release) {
    held.add(release);
  }

  /** Whether anything is kept until then: the answer is not a small one. */
  public boolean isHolding() {
    return !held.isEmpty();
  }

  void release() {
    held.forEach(Runnable::run);
    held.clear();
  }
}
