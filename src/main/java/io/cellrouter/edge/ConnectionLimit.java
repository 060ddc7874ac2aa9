package io.cellrouter.edge;

/**
 * How many connections a listener takes: as many as the heap can hold, and never more than {@code
 * jlink/edge.options} says. The JDK's server keeps the buffers of a connection as long as it lives,
 * so without this a client that only opened connections would end a small router.
 *
 * <p>Measured on JDK 25, in bytes of heap: 800 for one that has sent nothing yet, 24,000 for an
 * idle one that has had an answer, 40,000 when that was longer than a write buffer. Each counts as
 * 50,000, which is also what a request in flight holds with its connection: together with as many
 * of these as {@code LoadShedder} takes, large bodies and the router itself, all at their limit,
 * the heap is full and not more than that.
 *
 * <p>The management listener has as many of its own, but ends each with its answer ({@link
 * Pipeline#forManagement}), so that they hold buffers only while one of its threads reads.
 */
public final class ConnectionLimit {
  private static final String PROPERTY = "jdk.httpserver.maxConnections";

  /** The router itself: 6 MB live, and what a young collection needs to copy into. */
  private static final long ROUTER_BYTES = 16_000_000;

  private static final long BYTES_EACH = 50_000;

  /** What a heap too small for anything still gets: they need 4 MB at worst. */
  private static final int LEAST = 100;

  private ConnectionLimit() {}

  /**
   * Lowers the limit to what the heap can hold. Has to come before the first {@code HttpServer} of
   * the process: the JDK reads the property once, when its classes are initialised.
   *
   * @return connections a listener, from now on
   */
  public static int lowerToHeap() {
    int limit =
        forHeap(Runtime.getRuntime().maxMemory(), Integer.getInteger(PROPERTY, Integer.MAX_VALUE));
    System.setProperty(PROPERTY, Integer.toString(limit));
    return limit;
  }

  /**
   * @param heap bytes at most
   * @param most what the operator allows; the result is never above it
   */
  static int forHeap(long heap, int most) {
    return Math.min(most, (int) Math.clamp((heap - ROUTER_BYTES) / BYTES_EACH, LEAST, 1_000_000L));
  }
}
