package io.cellrouter.traffic;

import java.util.concurrent.locks.LockSupport;

/** The flow of time, passed in so that a test need not wait for it. */
interface Timer {
  /** As {@link System#nanoTime}. */
  long nanoTime();

  /** Waits until {@link #nanoTime} has reached this, or the thread is interrupted. */
  void awaitNanoTime(long nanos);

  /** The real one. */
  static Timer real() {
    return new Timer() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public void awaitNanoTime(long nanos) {
        long left;
        while ((left = nanos - System.nanoTime()) > 0 && !Thread.currentThread().isInterrupted()) {
          LockSupport.parkNanos(left);
        }
      }
    };
  }
}
