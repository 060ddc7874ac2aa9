package io.cellrouter.resilience;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many routed requests the whole router takes on at once, whatever cell they are for. Above it
 * they are refused at once, the less important ones first, before memory or everybody's latency
 * suffers.
 *
 * <p>The limit is the one thing that cells share, so a cell in trouble must not use it up. A cell
 * may hold as many places as are left free ({@link #isCrowdedBy}): one that hangs gets half of what
 * is open to its requests, two a third each, and there always is room for the next (the dynamic
 * thresholds of shared-memory switches; Choudhury and Hahne, IEEE/ACM Transactions on Networking
 * 6(2), 1998). With less than its fair share, the limit divided by the number of cells, it may hold
 * four times as many as are left free, so that a busy cell is not refused for what others hold
 * while there is room. Not to refuse it at all would let cells that begin to hang one after the
 * other take the last place.
 */
public final class LoadShedder {
  /**
   * What a request may hold: small body and answer, headers, both connections' buffers, its thread.
   * About half of it, as measured; the rest is for what {@code docs/edge.md} lists beside.
   */
  private static final long BYTES_EACH = 100_000;

  /** How many times what is left free a cell below its fair share may hold. */
  private static final int BELOW_FAIR = 4;

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
   * Whether a cell holds as many places as are left free, or four times as many with less than its
   * fair share, so that it gets no more. To be asked after {@link #enter}, whose place does not
   * count.
   *
   * @param priority of the request that asks for one more
   * @param ofCell places that it holds
   * @param cells that share the router; one by itself may have all of it
   */
  public boolean isCrowdedBy(Priority priority, int ofCell, int cells) {
    int ceiling = priority.ceiling(most);
    int times = ofCell < ceiling / cells ? BELOW_FAIR : 1;
    return cells > 1 && ofCell >= times * (ceiling - (inFlight.get() - 1));
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
