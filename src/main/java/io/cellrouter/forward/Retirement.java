package io.cellrouter.forward;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections that no new request gets. Requests under way may still use them, for as long as a
 * deadline allows; then they are closed.
 */
final class Retirement implements AutoCloseable {
  private final Duration after;
  private final Set<Connections> waiting = ConcurrentHashMap.newKeySet();

  Retirement(Duration after) {
    this.after = after;
  }

  void of(Connections connections) {
    waiting.add(connections);
    Thread.ofVirtual().name("retirement").start(() -> closeLater(connections));
  }

  private void closeLater(Connections connections) {
    try {
      Thread.sleep(after);
      close(connections);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void close(Connections connections) {
    if (waiting.remove(connections)) {
      connections.close();
    }
  }

  /** Closes all that wait, now. */
  @Override
  public void close() {
    waiting.forEach(this::close);
  }
}
