package io.cellrouter.resilience;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of one kind of body may be held at once, over all requests. Without it fifty slow
 * uploads of a megabyte, or fifty answers that stall before their last byte, would fill the heap of
 * a small container and end the router for every cell. Who may hold how much of the heap is worked
 * out in {@code docs/edge.md}.
 *
 * <p>Bytes are taken as they come, through a {@link ByteLease} for each body: what is only
 * announced costs nothing. Small bodies are free: they are covered by what {@link LoadShedder}
 * reckons for a request, and large ones must not keep them out.
 *
 * <p>The budget is shared by the cells, so a cell in trouble must not use it up: each has a {@link
 * Share}, and so has what belongs to no cell yet.
 */
public final class ByteBudget {
  /** Bodies of requests up to this size are free: with them, no connection holds much more. */
  private static final int SMALL_REQUEST = 1_024;

  /** Answers up to this size are free: the kernel takes them in one write. */
  public static final int SMALL_ANSWER = 8 * 1_024;

  private final long most;
  private final int free;
  private final AtomicLong held = new AtomicLong();
  private final Share unassigned = new Share();
  private final ConcurrentMap<String, Share> byCell = new ConcurrentHashMap<>();

  /**
   * @param most bytes
   * @param free bytes of each body that need not be taken, while it has no more
   */
  public ByteBudget(long most, int free) {
    this.most = most;
    this.free = free;
  }

  /** For the bodies of requests: an eighth of the heap. */
  public static ByteBudget forRequests() {
    return new ByteBudget(eighth(), SMALL_REQUEST);
  }

  /** For the answers of cells: an eighth of the heap. */
  public static ByteBudget forAnswers() {
    return new ByteBudget(eighth(), SMALL_ANSWER);
  }

  private static long eighth() {
    return Runtime.getRuntime().maxMemory() / 8;
  }

  /** Bytes held. */
  public long held() {
    return held.get();
  }

  /** Bytes that may be held. */
  public long limit() {
    return most;
  }

  private long left() {
    return most - held.get();
  }

  /** Of bodies that are being read, and so for no cell yet. */
  public Share unassigned() {
    return unassigned;
  }

  /** A cell's, which it keeps through all changes of it. */
  public Share of(String cellId) {
    return byCell.computeIfAbsent(cellId, id -> new Share());
  }

  /**
   * May hold as much as is left free, by the same rule as {@link LoadShedder#isCrowdedBy}: a cell
   * whose answers all stall gets half, two a third each, and there always is as much room for the
   * next as each of them holds.
   */
  public final class Share {
    private final AtomicLong mine = new AtomicLong();

    private Share() {}

    /** For one body. */
    public ByteLease lease() {
      return new ByteLease(this, free);
    }

    /** Whether a body of that length would find no room now; nothing is taken. */
    public boolean isFullFor(long bytes) {
      return bytes > free && mine.get() + bytes > left() - bytes;
    }

    /** Takes all of them, or none. */
    boolean tryTake(long bytes) {
      long mineThen = mine.addAndGet(bytes);
      if (held.addAndGet(bytes) + mineThen <= most) {
        return true;
      }
      give(bytes);
      return false;
    }

    void give(long bytes) {
      held.addAndGet(-bytes);
      mine.addAndGet(-bytes);
    }

    /** Makes what the other one holds this one's, or does not. */
    boolean tryTakeFrom(Share other, long bytes) {
      if (mine.addAndGet(bytes) <= left()) {
        other.mine.addAndGet(-bytes);
        return true;
      }
      mine.addAndGet(-bytes);
      return false;
    }
  }
}
