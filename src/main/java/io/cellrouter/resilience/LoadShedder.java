package io.cellrouter.resilience;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many routed requests the whole router takes on at once, whatever cell they are for. Above it
 * they are refused at once, the less important ones first, before memory or everybody's latency
 * suffers.
 *
 * <p>The limit is the one thing that cells share, so a cell in trouble must not use it up: once
 * half of it is taken, a cell that already holds more than its part gets no more ({@link
 * #isCrowdedBy}). However many cells hang, there is room for one that does not.
 */
public final class LoadShedder {
  /** What a request may hold: body, answer, headers, both connections' buffers, its thread. */
  private static final long BYTES_EACH = 100_000;

  /** What the cells may take together, one part each; the rest is for who comes and goes. */
  private static final double PARTED = 0.8;

  private final AtomicInteger inFlight = new AtomicInteger();
  private final int most;

  /**
   * @param most 0: as many as the heap has room for, one for each 100 kB, from 64 to 100,000
   */
  public LoadShedder(int most) {
    this.most = most > 0 ? most : forHeap(Runtime.getRuntime().maxMemory());
  }

  static int forHeap(long bytes) {
    return Math.clamp(bytes / BYTES_EACH, 64, 100_000);
  }

  /** Takes the request on, or does not; {@link #leave} has to follow a success. */
  public boolean enter(Priority priority) {
    int ceiling = priority.ceiling(limit());
    int now = inFlight.get();
    while (now < ceiling) {
      int seen = inFlight.compareAndExchange(now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  /**
   * Whether a cell holds more than its part of a router that is at least half full.
   *
   * @param ofCell requests in flight to it or waiting for that
   * @param cells that share the router; one by itself may have all of it
   */
  public boolean isCrowdedBy(int ofCell, int cells) {
    return cells > 1
        && inFlight.get() > most / 2
        && ofCell >= Math.max(1, (int) (most * PARTED / cells));
  }

  public void leave() {
    inFlight.decrementAndGet();
  }

  /** Requests taken on and not finished. */
  public int inFlight() {
    return inFlight.get();
  }

  /** How many there may be now. */
  public int limit() {
    return most;
  }
}
