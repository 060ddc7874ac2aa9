package io.cellrouter.traffic;

/** Sends one request and waits for what comes of it. */
interface Sender extends AutoCloseable {
  /** May be called by any number of threads at once; tells every failure as an {@link Answer}. */
  Answer send(Shot shot) throws InterruptedException;

  @Override
  void close();
}
