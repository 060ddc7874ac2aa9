package io.cellrouter.forward;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;

/**
 * A request's body the way it is sent. The JDK's client copies what an array publisher has to say
 * whole, and holds the copy until the cell has taken it: for one that hangs, every body would be
 * there twice. Of slices it copies one after the other.
 */
final class SlicedBody {
  private static final int SLICE = 64 * 1_024;

  private SlicedBody() {}

  static BodyPublisher of(byte[] body) {
    if (body.length <= SLICE) {
      return BodyPublishers.ofByteArray(body);
    }
    BodyPublisher[] slices = new BodyPublisher[(body.length + SLICE - 1) / SLICE];
    for (int i = 0; i < slices.length; i++) {
      int from = i * SLICE;
      slices[i] = BodyPublishers.ofByteArray(body, from, Math.min(SLICE, body.length - from));
    }
    return HttpRequest.BodyPublishers.concat(slices);
  }
}
