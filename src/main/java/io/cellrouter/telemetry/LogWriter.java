package io.cellrouter.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes finished log lines from any number of threads and writes them from one of its own, so that
 * neither a lock nor a slow reader of standard output ever holds up a request.
 *
 * <p>Bounded: when {@value #CAPACITY} lines wait, further ones are dropped and counted, since a
 * router that stops because its log pipe is stuck would be the worse failure. What must not be
 * dropped ({@link #keep}) has places beyond those; whoever writes it asks {@link #keeps} before he
 * does what the line tells of.
 */
public final class LogWriter implements AutoCloseable {
  /** Lines that may wait; about 4 MB at 500 bytes a line. */
  static final int CAPACITY = 8_192;

  /** Further places, for lines that are kept; a change made by hand is one line. */
  static final int RESERVE = 1_024;

  /** How long to gather lines after the first: one write for many requests, 2 ms late at most. */
  private static final long GATHER_NANOS = 2_000_000;

  private static final int BATCH_BYTES = 32 * 1_024;

  private final OutputStream out;
  private final ConcurrentLinkedQueue<byte[]> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder dropped = new LongAdder();
  private final Thread writer;
  private byte[] batch = new byte[BATCH_BYTES];
  private volatile boolean failing; // The last write failed: standard output is gone.
  private volatile boolean parked;
  private volatile boolean closing;

  public LogWriter(OutputStream out) {
    this.out = out;
    this.writer = Thread.ofPlatform().name("log-writer").daemon().unstarted(this::run);
    writer.start();
  }

  /** Hands over one complete line, its line feed included; never blocks. */
  public void write(byte[] line) {
    if (waiting.get() >= CAPACITY) {
      dropped.increment();
      return;
    }
    keep(line);
  }

  /**
   * The same for a line that is not dropped however many wait, so its writer has to see to it that
   * there are few; never blocks.
   */
  public void keep(byte[] line) {
    waiting.incrementAndGet();
    queue.add(line);
    if (parked) {
      LockSupport.unpark(writer);
    }
  }

  /**
   * Whether a line would be kept for good: the last write did not fail and a place is left, of the
   * reserve at least. Not so once a pipe has been stuck for a while.
   */
  public boolean keeps() {
    return !failing && waiting.get() < CAPACITY + RESERVE;
  }

  /** Lines dropped since the start. */
  public long dropped() {
    return dropped.sum();
  }

  /** Writes what waits, then ends the thread; waits at most two seconds for a stuck output. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(writer);
    try {
      writer.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closing) {
      parked = true;
      if (queue.isEmpty() && !closing) {
        LockSupport.park(this);
      }
      parked = false;
      if (!closing) {
        LockSupport.parkNanos(this, GATHER_NANOS);
      }
      drain();
    }
    drain();
  }

  private void drain() {
    byte[] line = queue.poll();
    while (line != null) {
      int lines = 0;
      int length = 0;
      while (line != null && (lines == 0 || length + line.length <= BATCH_BYTES)) {
        length = append(line, length);
        lines++;
        waiting.decrementAndGet();
        line = queue.poll();
      }
      try {
        out.write(batch, 0, length);
        out.flush();
        failing = false;
      } catch (IOException e) {
        failing = true;
        dropped.add(lines); // Standard output is gone: nowhere is left to say so but the metric.
      }
    }
  }

  private int append(byte[] line, int length) {
    if (line.length > batch.length) {
      batch = new byte[line.length];
    }
    System.arraycopy(line, 0, batch, length, line.length);
    return length + line.length;
  }
}
