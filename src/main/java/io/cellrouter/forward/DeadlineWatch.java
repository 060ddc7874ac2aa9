package io.cellrouter.forward;

import io.cellrouter.telemetry.Log;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends exchanges whose deadline has passed, by interrupting the thread that waits for them: an
 * interrupt in {@link java.net.http.HttpClient#send} cancels the exchange and closes its
 * connection, at whatever point it is, the body included.
 *
 * <p>One thread looks at all exchanges under way every {@link #TICK}. The alternative, a timed wait
 * on a future for each request, was measured to cost about a seventh of all CPU: each arms and
 * disarms a timer in the scheduler of virtual threads, and {@code sendAsync} completes its future
 * by way of the common pool.
 */
public final class DeadlineWatch implements AutoCloseable {
  /** How late a deadline may be noticed. */
  static final Duration TICK = Duration.ofMillis(10);

  private final ConcurrentMap<Thread, Guard> underWay = new ConcurrentHashMap<>();
  private final Log log;
  private final Thread watcher;
  private volatile boolean idle;
  private volatile boolean closed;

  public DeadlineWatch(Log log) {
    this.log = log.named("deadline");
    watcher = Thread.ofPlatform().name("deadline-watch").daemon().start(this::run);
  }

  /** Watches the current thread until the guard is ended; one guard a thread at a time. */
  Guard guard(Deadline deadline) {
    Guard guard = new Guard(Thread.currentThread(), deadline);
    underWay.put(guard.thread, guard);
    if (idle) {
      LockSupport.unpark(watcher);
    }
    return guard;
  }

  /** Stops watching. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(watcher);
  }

  private void run() {
    while (!closed) {
      idle = true;
      if (underWay.isEmpty() && !closed) {
        LockSupport.park(this);
      }
      idle = false;
      LockSupport.parkNanos(this, TICK.toNanos());
      long now = System.nanoTime();
      underWay.values().forEach(guard -> check(guard, now));
    }
  }

  /**
   * Whatever goes wrong with one, the others are looked at, and so at the next tick: without this
   * thread nobody's deadline would end anything. (Without memory the process ends, by {@code
   * ExitOnOutOfMemoryError}.)
   */
  private void check(Guard guard, long now) {
    try {
      guard.check(now);
    } catch (RuntimeException | Error e) {
      log.error("a request could not be ended at its deadline", e);
    }
  }

  /** One exchange under way. */
  final class Guard {
    private final Thread thread;
    private final Deadline deadline;
    private boolean ended;
    private boolean expired;

    private Guard(Thread thread, Deadline deadline) {
      this.thread = thread;
      this.deadline = deadline;
    }

    private void check(long now) {
      if (deadline.remainingNanos(now) == 0) {
        synchronized (this) {
          if (!ended && !expired) {
            expired = true;
            thread.interrupt();
          }
        }
      }
    }

    /**
     * Ends the watch and takes back an interrupt that came from it, so that none reaches whatever
     * the thread does next. A second time it changes nothing: an interrupt that came in between is
     * somebody else's.
     *
     * @return whether the deadline has passed and the thread was interrupted for it
     */
    boolean end() {
      underWay.remove(thread, this);
      synchronized (this) {
        if (expired && !ended) {
          Thread.interrupted(); // Clears the flag, if send() has not done so already.
        }
        ended = true;
        return expired;
      }
    }
  }
}
