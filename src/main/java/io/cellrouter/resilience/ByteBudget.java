package io.cellrouter.resilience;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of large request bodies may be held at once. Without it, fifty slow uploads of a
 * megabyte would fill the heap of a small container, and end the router for every cell.
 *
 * <p>Small bodies are not counted: a few large ones must not keep them out, and their number is
 * bounded by that of connections.
 */
public final class ByteBudget {
  /** Bodies up to this size are free. */
  static final int SMALL = 16 * 1_024;

  private final AtomicLong left;

  public ByteBudget(long bytes) {
    this.left = new AtomicLong(bytes);
  }

  /**
   * An eighth of the heap. The JDK's client copies a body before it sends it, so while a cell hangs
   * each counts twice; the cells' answers, connections (ConnectionLimit) and everything else need
   * the rest.
   */
  public static ByteBudget ofHeap() {
    return new ByteBudget(Runtime.getRuntime().maxMemory() / 8);
  }

  /** Takes the bytes, or takes none; {@link #give} has to follow a success. */
  public boolean tryTake(long bytes) {
    if (bytes <= SMALL) {
      return true;
    }
    if (left.addAndGet(-bytes) >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  public void give(long bytes) {
    if (bytes > SMALL) {
      left.addAndGet(bytes);
    }
  }
}
