package io.cellrouter.edge;

import com.sun.net.httpserver.HttpExchange;
import io.cellrouter.telemetry.CellMetrics;
import io.cellrouter.telemetry.TraceContext;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;

/**
 * One request on its way through the filters, and what has been found out about it so far. Belongs
 * to one thread. What the access log and the metrics tell in the end is gathered here.
 */
public final class Request {
  /** Bodies up to this size are read into one array at once; longer ones as they really come. */
  private static final int TRUSTED_LENGTH = 16 * 1_024;

  private final HttpExchange exchange;
  private final RequestHeaders headers;
  private final String path;
  private final long startNanos;
  private final String id;
  private final TraceContext trace;
  private String client = "";
  private CellMetrics cell;
  private String upstream = "";
  private long upstreamNanos = -1;
  private boolean bodyRead;

  Request(
      HttpExchange exchange,
      RequestHeaders headers,
      long startNanos,
      String id,
      TraceContext trace,
      CellMetrics noCell) {
    this.exchange = exchange;
    this.headers = headers;
    this.path = pathOf(exchange.getRequestURI());
    this.startNanos = startNanos;
    this.id = id;
    this.trace = trace;
    this.cell = noCell;
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
    return exchange.getRemoteAddress().getAddress().getHostAddress();
  }

  /** The announced length of the body; -1 when none is. */
  public long contentLength() {
    String value = header(HeaderName.CONTENT_LENGTH);
    return value.isEmpty() ? -1 : Long.parseLong(value); // FramingFilter has checked the digits.
  }

  /**
   * Reads the whole body.
   *
   * @throws EOFException when the connection ended before {@link #contentLength} bytes had come
   */
  public byte[] readBody() throws IOException {
    int length = Math.toIntExact(Math.max(0, contentLength()));
    InputStream in = exchange.getRequestBody();
    byte[] body;
    if (length <= TRUSTED_LENGTH) {
      body = new byte[length];
      if (in.readNBytes(body, 0, length) < length) {
        throw new EOFException("the body ended early");
      }
      // The stream learns that it has ended by being asked; else its end allocates to look for
      // more.
      if (in.read() >= 0) {
        throw new IllegalStateException("more than Content-Length bytes");
      }
    } else {
      // Announcing a megabyte must not cost us one.
      ByteArrayOutputStream gathered = new ByteArrayOutputStream(TRUSTED_LENGTH);
      in.transferTo(gathered);
      body = gathered.toByteArray();
      if (body.length < length) {
        throw new EOFException("the body ended early");
      }
    }
    bodyRead = true;
    return body;
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
}
