package io.cellrouter.telemetry.trace;

import java.time.Duration;

/** Carries an encoded batch to the collector. */
interface Transport extends AutoCloseable {
  /** What became of a batch. */
  sealed interface Result {
    /**
     * It was taken.
     *
     * @param rejected spans of it that were not
     */
    record Taken(long rejected) implements Result {}

    /** It never will be. */
    record Refused(String why) implements Result {}

    /** It may be, later. */
    record Unavailable(String why, Duration retryAfter) implements Result {}
  }

  /** Waits no longer than this for the whole answer. */
  Result send(byte[] batch, Duration atMost) throws InterruptedException;

  @Override
  void close();
}
