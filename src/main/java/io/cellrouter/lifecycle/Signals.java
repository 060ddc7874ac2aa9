package io.cellrouter.lifecycle;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SIGTERM and SIGINT: the first asks for an orderly stop, a second ends the process at once.
 *
 * <p>A shutdown hook cannot do this: while hooks run, the JVM ignores further signals, and its exit
 * code would be 143. {@code sun.misc.Signal} (module {@code jdk.unsupported}) is the only way the
 * JDK offers, and there is no replacement announced.
 */
public final class Signals {
  private final CountDownLatch stop = new CountDownLatch(1);

  private Signals() {}

  /** Takes the two signals over for the rest of the process's life. */
  public static Signals install() {
    Signals signals = new Signals();
    AtomicBoolean first = new AtomicBoolean(true);
    for (String name : new String[] {"TERM", "INT"}) {
      sun.misc.Signal.handle(
          new sun.misc.Signal(name),
          signal -> {
            if (first.compareAndSet(true, false)) {
              signals.stop.countDown();
            } else {
              Runtime.getRuntime().halt(128 + signal.getNumber());
            }
          });
    }
    return signals;
  }

  /** Waits for the first signal. */
  public void awaitStop() throws InterruptedException {
    stop.await();
  }
}
