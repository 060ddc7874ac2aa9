package io.cellrouter.telemetry.trace;

import io.cellrouter.telemetry.Log;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Takes finished spans from any number of threads and sends them in batches from one of its own.
 *
 * <p>A batch goes out when {@value #BATCH} spans wait, or {@link Timing#gather} after the last one.
 * A batch that could not be sent goes back to the head of the queue and is tried again, after a
 * pause that doubles from failure to failure. At most {@value #CAPACITY} spans wait, beside the
 * batch under way: for each one above, the oldest is dropped and counted, since while a collector
 * is away the latest minutes are what somebody will ask about.
 */
final class SpanExporter implements AutoCloseable {
  /** Spans that may wait; about 4 MB at 1 KB a span. */
  static final int CAPACITY = 4_096;

  static final int BATCH = 512;

  private final Supplier<Transport> transports;
  private final OtlpJson json;
  private final Timing timing;
  private final Runnable eachRound;
  private final Log log;
  private final ConcurrentLinkedDeque<Span> queue = new ConcurrentLinkedDeque<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final LongAdder sent = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final Thread thread;

  /** What was last said to be wrong; the thread's own. */
  private String trouble = "";

  /** Whether the thread wants to be woken by a full batch. */
  private volatile boolean gathering;

  private volatile boolean closing;
  private volatile long closeBy;

  /**
   * @param gather longest that a span waits while all is well
   * @param firstPause before the second attempt; doubles with every further one
   * @param longestPause where the doubling ends
   * @param timeout of one attempt
   * @param flush how long {@link #close} may take
   */
  record Timing(
      Duration gather,
      Duration firstPause,
      Duration longestPause,
      Duration timeout,
      Duration flush) {
    static final Timing DEFAULT =
        new Timing(
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2));

    /**
     * @param failures in a row, at least one
     */
    Duration pause(int failures) {
      Duration doubled = firstPause.multipliedBy(1L << Math.min(failures - 1, 20));
      return doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
    }
  }

  /**
   * Begins at once.
   *
   * @param transports called once, on the exporter's thread
   * @param eachRound called on the exporter's thread every now and then
   */
  SpanExporter(
      Supplier<Transport> transports, OtlpJson json, Timing timing, Runnable eachRound, Log log) {
    this.transports = transports;
    this.json = json;
    this.timing = timing;
    this.eachRound = eachRound;
    this.log = log;
    this.thread = Thread.ofPlatform().name("span-exporter").daemon().unstarted(this::run);
    thread.start();
  }

  /** Hands over one span; never blocks. */
  void take(Span span) {
    int now = waiting.incrementAndGet(); // Before it can be polled: the count is never below.
    queue.addLast(span);
    if (now > CAPACITY) {
      dropOldest();
    } else if (now >= BATCH && gathering) {
      gathering = false;
      LockSupport.unpark(thread);
    }
  }

  /** Spans the collector has taken. */
  long sent() {
    return sent.sum();
  }

  /** Spans given up. */
  long dropped() {
    return dropped.sum();
  }

  /** Spans that wait. */
  int waiting() {
    return waiting.get();
  }

  /** Sends what waits and ends the thread; what could not be sent in time is dropped. */
  @Override
  public void close() {
    closeBy = System.nanoTime() + timing.flush.toNanos();
    closing = true;
    LockSupport.unpark(thread);
    try {
      if (!thread.join(timing.flush)) {
        thread.interrupt();
        thread.join(timing.flush);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    dropped.add(waiting.getAndSet(0));
    queue.clear();
  }

  private void run() {
    int failures = 0;
    Duration pause = timing.gather;
    try (Transport transport = transports.get()) {
      while (!closing) {
        await(pause, failures == 0);
        eachRound.run();
        Duration retryAfter = round(transport);
        failures = retryAfter.isNegative() ? 0 : failures + 1;
        pause = failures == 0 ? timing.gather : longer(timing.pause(failures), retryAfter);
      }
      sendAll(transport);
    } catch (InterruptedException e) {
      // Only close() does so, when its time is up.
    }
  }

  /** A defect in one round costs its spans, not the exporter. */
  private Duration round(Transport transport) throws InterruptedException {
    try {
      return sendAll(transport);
    } catch (RuntimeException e) {
      log.error("spans could not be sent", e);
      return Duration.ZERO;
    }
  }

  private void await(Duration pause, boolean wakeForBatch) {
    long end = System.nanoTime() + pause.toNanos();
    long left;
    while (!closing && (left = end - System.nanoTime()) > 0) {
      gathering = wakeForBatch;
      if (wakeForBatch && waiting.get() >= BATCH) {
        break;
      }
      LockSupport.parkNanos(this, left);
    }
    gathering = false;
  }

  /** Sends batch after batch. Returns how long the collector wants to be left alone, or -1. */
  private Duration sendAll(Transport transport) throws InterruptedException {
    do {
      List<Span> batch = nextBatch();
      if (batch.isEmpty()) {
        break;
      }
      switch (send(transport, batch)) {
        case Transport.Result.Taken(long rejected) -> {
          long lost = Math.min(rejected, batch.size());
          sent.add(batch.size() - lost);
          dropped.add(lost);
          wellAgain();
        }
        case Transport.Result.Refused(String why) -> {
          dropped.add(batch.size());
          troubled("the collector refuses spans, they are dropped: " + why);
        }
        case Transport.Result.Unavailable(String why, Duration retryAfter) -> {
          putBack(batch);
          troubled("spans cannot be sent, the newest are kept: " + why);
          return retryAfter;
        }
      }
    } while (waiting.get() >= BATCH || closing);
    return Duration.ofNanos(-1);
  }

  private Transport.Result send(Transport transport, List<Span> batch) throws InterruptedException {
    try {
      return transport.send(json.encode(batch), timeout());
    } catch (InterruptedException e) {
      putBack(batch);
      throw e;
    }
  }

  /** Says so once, not for every batch. */
  private void troubled(String sentence) {
    if (!sentence.equals(trouble)) {
      log.warn(sentence);
      trouble = sentence;
    }
  }

  private void wellAgain() {
    if (!trouble.isEmpty()) {
      log.info("spans are sent again, " + dropped() + " were dropped so far");
      trouble = "";
    }
  }

  private Duration timeout() {
    return closing
        ? Duration.ofNanos(Math.clamp(closeBy - System.nanoTime(), 1, timing.timeout.toNanos()))
        : timing.timeout;
  }

  private List<Span> nextBatch() {
    List<Span> batch = new ArrayList<>(Math.min(BATCH, waiting.get()));
    Span span;
    while (batch.size() < BATCH && (span = queue.pollFirst()) != null) {
      waiting.decrementAndGet();
      batch.add(span);
    }
    return batch;
  }

  /** As much of it as there is room for, the newest. */
  private void putBack(List<Span> batch) {
    int room = Math.clamp(CAPACITY - waiting.get(), 0, batch.size());
    dropped.add(batch.size() - room);
    batch.subList(batch.size() - room, batch.size()).reversed().forEach(queue::addFirst);
    // Others may have taken the room meanwhile.
    for (int now = waiting.addAndGet(room); now > CAPACITY; now--) {
      dropOldest();
    }
  }

  private void dropOldest() {
    if (queue.pollFirst() != null) {
      waiting.decrementAndGet();
      dropped.increment();
    }
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
