package io.cellrouter.fault;

import java.io.IOException;
import java.net.BindException;
import java.util.concurrent.locks.LockSupport;

/** Takes a port again that was just given back. */
final class Rebind {
  private static final int TRIES = 100;

  private Rebind() {}

  /** What listens on the port. */
  interface Listener<T> {
    T listen() throws IOException;
  }

  /**
   * Tries for two seconds: a closed socket is only gone once the thread in its accept has left, and
   * somebody's outgoing connection may happen to have the port.
   */
  static <T> T of(Listener<T> listener) throws IOException {
    for (int i = 0; ; i++) {
      try {
        return listener.listen();
      } catch (BindException e) {
        if (i == TRIES) {
          throw e;
        }
        LockSupport.parkNanos(20_000_000);
      }
    }
  }
}
