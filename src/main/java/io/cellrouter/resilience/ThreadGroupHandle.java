package io.cellrouter.resilience;

import java.util.List;

/** Background threads that end when they are interrupted. */
public record ThreadGroupHandle(List<Thread> threads) implements AutoCloseable {
  public ThreadGroupHandle {
    threads = List.copyOf(threads);
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }
}
