package io.cellrouter.resilience;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one body holds of a {@link ByteBudget}. It is covered as it grows, by one thread at a time,
 * and closed once whoever reads it has gone, from any thread and at any moment: nothing can be
 * taken afterwards, so nothing is lost when an exchange is given up while its answer still comes.
 */
public final class ByteLease implements AutoCloseable {
  private static final long CLOSED = -1;

  private final int free;
  private final AtomicLong taken = new AtomicLong();
  private ByteBudget.Share share;

  ByteLease(ByteBudget.Share share, int free) {
    this.share = share;
    this.free = free;
  }

  /** For a body that may not become large anyway, on no budget. */
  public static ByteLease unlimited() {
    return new ByteLease(new ByteBudget(0, 0).unassigned(), Integer.MAX_VALUE);
  }

  /**
   * Sees to it that so many bytes are paid for. To be called before they are allocated.
   *
   * @return false when there is no room for them, or it is closed; what was covered stays so
   */
  public boolean covers(long bytes) {
    long had = taken.get();
    if (had == CLOSED) {
      return false;
    }
    if (bytes <= free || bytes <= had) {
      return true;
    }
    if (!share.tryTake(bytes - had)) {
      return false;
    }
    if (taken.compareAndSet(had, bytes)) {
      return true;
    }
    share.give(bytes - had); // Closed meanwhile.
    return false;
  }

  /**
   * Lets the body be another's from now on, for as long as only this thread knows of it.
   *
   * @return false when that one has no room for it; nothing is changed then
   */
  public boolean movesTo(ByteBudget.Share other) {
    long had = held();
    if (had > 0 && !other.tryTakeFrom(share, had)) {
      return false;
    }
    share = other;
    return true;
  }

  /** Bytes of the budget that it holds; none for a small body. */
  public long held() {
    return Math.max(0, taken.get());
  }

  /** Gives back whatever was taken. */
  @Override
  public void close() {
    long had = taken.getAndSet(CLOSED);
    if (had > 0) {
      share.give(had);
    }
  }
}
