package io.cellrouter.forward;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * Gathers a response body in memory up to a limit. Beyond it the exchange is cancelled, which
 * closes the connection: reading on to keep it would let a cell decide how long that takes.
 *
 * <p>Runs on the client's selector thread, so it only copies.
 */
final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
  private static final int FIRST_CAPACITY = 512;

  /** Announcing a megabyte and sending nothing must not cost one. */
  private static final int TRUSTED_LENGTH = 16 * 1_024;

  private final int limit;
  private final int status;
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

  private BoundedBody(int limit, int status, long announced) {
    this.limit = limit;
    this.status = status;
    this.bytes =
        new byte
            [announced < 0
                ? FIRST_CAPACITY
                : (int) Math.min(announced, Math.min(TRUSTED_LENGTH, limit))];
  }

  static HttpResponse.BodyHandler<byte[]> handler(int limit) {
    return info ->
        new BoundedBody(
            limit, info.statusCode(), info.headers().firstValueAsLong("Content-Length").orElse(-1));
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return result;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    if (result.isDone()) {
      return;
    }
    for (ByteBuffer buffer : buffers) {
      int more = buffer.remaining();
      if (more > limit - length) {
        subscription.cancel();
        result.completeExceptionally(new TooLargeException(limit, status));
        return;
      }
      if (length + more > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(length + more, bytes.length * 2)));
      }
      buffer.get(bytes, length, more);
      length += more;
    }
  }

  @Override
  public void onError(Throwable error) {
    result.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    result.complete(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
  }
}
