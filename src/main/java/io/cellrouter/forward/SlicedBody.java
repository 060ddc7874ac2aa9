package io.cellrouter.forward;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;

/**
 * A request's body the way it is sent. The JDK's client copies what an array publisher has to say
 * whole, and holds the copy until the cell has taken it: for one that hangs, every body would be
 * there twice. Of slices it copies one after the other.
 */
final class SlicedBody {
  private static final int SLICE = 64 * 1_024;

  private SlicedBody() {}

  /**
   * @param body over an array; its position is left alone, so that it can be sent again
   */
  static BodyPublisher of(ByteBuffer body) {
    int first = body.arrayOffset() + body.position();
    int length = body.remaining();
    if (length <= SLICE) {
      return BodyPublishers.ofByteArray(body.array(), first, length);
    }
    BodyPublisher[] slices = new BodyPublisher[(length + SLICE - 1) / SLICE];
    for (int i = 0; i < slices.length; i++) {
      int from = i * SLICE;
      slices[i] =
          BodyPublishers.ofByteArray(body.array(), first + from, Math.min(SLICE, length - from));
    }
    return HttpRequest.BodyPublishers.concat(slices);
  }
}
