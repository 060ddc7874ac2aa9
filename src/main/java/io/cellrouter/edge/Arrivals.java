package io.cellrouter.edge;

import java.util.LinkedHashSet;
import java.util.Set;
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
  private final Set<Thread> readers = new LinkedHashSet<>(); // Guarded by itself, like:
  private final Set<Thread> answered = new LinkedHashSet<>();
  private final AtomicLong cut = new AtomicLong();

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
    synchronized (readers) {
      readers.add(Thread.currentThread());
      if (readers.size() + answered.size() > most) {
        Set<Thread> first = answered.isEmpty() ? readers : answered;
        Thread oldest = first.iterator().next();
        first.remove(oldest);
        cut.incrementAndGet();
        // Its read from the channel ends with an exception, and the JDK's server closes the
        // connection. Under the lock, so that it cannot come after arrived().
        oldest.interrupt();
      }
    }
  }

  /** The current thread's request has been refused, although the rest of it is still to come. */
  void answered() {
    synchronized (readers) {
      readers.remove(Thread.currentThread());
      answered.add(Thread.currentThread());
    }
  }

  /** The current thread's request has been read, or will not be. */
  void arrived() {
    synchronized (readers) {
      if (!readers.remove(Thread.currentThread()) && !answered.remove(Thread.currentThread())) {
        Thread.interrupted(); // Cut as its last byte came: what follows is not to be disturbed.
      }
    }
  }

  /** How many have been cut. */
  long cut() {
    return cut.get();
  }
}
