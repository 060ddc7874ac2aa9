package io.cellrouter.edge;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The requests of a listener that are still coming in, the oldest first. When there are more than
 * the heap has room for, the oldest is cut: whoever sends a whole request is not kept waiting by
 * those who dawdle, and they cannot end the router. One that has its answer already, of which the
 * rest is only read to be dropped, goes before all that may still be served.
 *
 * <p>A request is here from its first byte until its last has been read, so that one that comes at
 * once is here for no longer than it takes to parse. Measured on JDK 25, one that stops within
 * headers of 32 KiB holds up to 180 kB of heap (880 names), one within a small body up to 93 kB.
 */
final class Arrivals {
  /** Four times what one may hold: all together hold a quarter of the heap. */
  private static final long BYTES_EACH = 720_000;

  private static final int LEAST = 16;

  private final int most;
  private final ConcurrentMap<Thread, Arrival> arrivals = new ConcurrentHashMap<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong cut = new AtomicLong();

  /** One that is coming in: since when, and whether it has been refused meanwhile. */
  private record Arrival(long since, boolean answered) {
    /** Whoever has an answer goes first, then whoever has been here for longest. */
    boolean goesBefore(Arrival other) {
      return answered == other.answered ? since - other.since < 0 : answered;
    }
  }

  /**
   * @param most requests at once
   */
  Arrivals(int most) {
    this.most = most;
  }

  static Arrivals ofHeap() {
    return new Arrivals(forHeap(Runtime.getRuntime().maxMemory()));
  }

  static int forHeap(long bytes) {
    return Math.clamp(bytes / BYTES_EACH, LEAST, 1_000_000);
  }

  /** Runs what reads a request and answers it; {@link #arrived} has to be told in between. */
  void during(Runnable exchange) {
    begin();
    try {
      exchange.run();
    } finally {
      arrived();
    }
  }

  private void begin() {
    arrivals.put(Thread.currentThread(), new Arrival(System.nanoTime(), false));
    if (count.incrementAndGet() > most) {
      cutOne();
    }
  }

  /** Looks at all of them: there are no more than {@code most}, and seldom as many. */
  private void cutOne() {
    Thread first = null;
    Arrival its = null;
    for (Map.Entry<Thread, Arrival> entry : arrivals.entrySet()) {
      if (its == null || entry.getValue().goesBefore(its)) {
        first = entry.getKey();
        its = entry.getValue();
      }
    }
    if (first == null) {
      return; // All have come to their end meanwhile.
    }
    arrivals.computeIfPresent(
        first,
        (thread, arrival) -> {
          count.decrementAndGet();
          cut.incrementAndGet();
          // Its read from the channel ends with an exception, and the JDK's server closes the
          // connection. Within the map's lock, so that it cannot come after arrived().
          thread.interrupt();
          return null;
        });
  }

  /** The current thread's request has been refused, although the rest of it is still to come. */
  void answered() {
    Arrival late = new Arrival(System.nanoTime(), true);
    if (arrivals.put(Thread.currentThread(), late) == null) {
      count.incrementAndGet();
    }
  }

  /** The current thread's request has been read, or will not be. */
  void arrived() {
    if (arrivals.remove(Thread.currentThread()) != null) {
      count.decrementAndGet();
    } else {
      Thread.interrupted(); // Cut as its last byte came: what follows is not to be disturbed.
    }
  }

  /** How many have been cut. */
  long cut() {
    return cut.get();
  }
}
