package io.cellrouter.forward;

import io.cellrouter.resilience.ByteLease;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Gathers a response body in memory up to a limit, and as far as there is room for it. Beyond
 * either the exchange is cancelled, which closes the connection: reading on to keep it would let a
 * cell decide how long that takes.
 *
 * <p>Runs on the client's selector thread, so it only copies.
 */
final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
  private static final int FIRST_CAPACITY = 512;

  /** Announcing a megabyte and sending nothing must not cost one. */
  private static final int TRUSTED_LENGTH = 8 * 1_024;

  private static final byte[] NOTHING = new byte[0];

  private final int limit;
  private final int status;
  private final int announced;
  private final ByteLease lease;
  private final CompletableFuture<byte[]> result = new CompletableFuture<>();
  private byte[] bytes;
  private int length;
  private Flow.Subscription subscription;

  /** A cell sent more than {@code MAX_RESPONSE_BYTES}. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    TooLargeException(int limit, int status) {
      super("the cell's body exceeds " + limit + " bytes");
      this.status = status;
    }

    /** That the cell answered with. */
    int status() {
      return status;
    }
  }

  /** As much of large answers is held as the router has room for, or the cell its part. */
  static final class NoRoomException extends IOException {
    private static final long serialVersionUID = 1L;

    NoRoomException(int came) {
      super("no room for more than the first " + came + " bytes");
    }
  }

  private BoundedBody(int limit, int status, long announced, ByteLease lease) {
    this.limit = limit;
    this.status = status;
    this.announced = announced < 0 ? limit : (int) Math.min(announced, limit);
    this.lease = lease;
    this.bytes =
        new byte[announced < 0 ? FIRST_CAPACITY : Math.min(this.announced, TRUSTED_LENGTH)];
  }

  /**
   * @param lease for the bytes; it stays with whoever sends the request
   */
  static HttpResponse.BodyHandler<byte[]> handler(int limit, ByteLease lease) {
    return info ->
        new BoundedBody(
            limit,
            info.statusCode(),
            info.headers().firstValueAsLong("Content-Length").orElse(-1),
            lease);
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE); // Each buffer is copied before the next one is read.
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    if (result.isDone()) {
      return;
    }
    for (ByteBuffer buffer : buffers) {
      int more = buffer.remaining();
      if (more > limit - length) {
        giveUp(new TooLargeException(limit, status));
        return;
      }
      if (length + more > bytes.length && !growTo(length + more)) {
        giveUp(new NoRoomException(length));
        return;
      }
      buffer.get(bytes, length, more);
      length += more;
    }
  }

  /** At least twice as large, but no larger than it is said to become. */
  private boolean growTo(int least) {
    int capacity = Math.max(least, Math.min(announced, bytes.length * 2));
    if (!lease.covers(capacity)) {
      return false;
    }
    bytes = Arrays.copyOf(bytes, capacity);
    return true;
  }

  private void giveUp(IOException why) {
    subscription.cancel();
    bytes = NOTHING; // The connection may remember us for longer than the lease lasts.
    result.completeExceptionally(why);
  }

  @Override
  public void onError(Throwable error) {
    bytes = NOTHING;
    result.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    result.complete(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
  }
}
