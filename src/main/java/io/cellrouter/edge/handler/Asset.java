package io.cellrouter.edge.handler;

import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A file that never changes while the process runs, read when first asked for.
 *
 * <p>Its bytes are held softly. Held strongly, the three megabytes of both pages would stay in a
 * process that aims at 130 MB for a page somebody opened once. Read anew for every request, a flood
 * on the largest file would hold a copy for each connection, and the heap would be full; so all
 * answers under way share one array, which goes when nobody uses it and the heap needs the room.
 */
final class Asset implements Endpoint {
  private final String contentType;
  private final String policy;
  private final AssetSource source;
  private SoftReference<byte[]> held = new SoftReference<>(null);
  private volatile String tag = "";

  /**
   * @param policy the Content-Security-Policy; empty for what is not a page
   */
  Asset(String contentType, String policy, AssetSource source) {
    this.contentType = contentType;
    this.policy = policy;
    this.source = source;
  }

  /** What is not a page. */
  Asset(String contentType, AssetSource source) {
    this(contentType, "", source);
  }

  @Override
  public Response answer(Request request) {
    String known = tag;
    if (!known.isEmpty() && matches(request.header(HeaderName.IF_NONE_MATCH), known)) {
      return dressed(Response.empty(304));
    }
    byte[] body = bytes();
    return matches(request.header(HeaderName.IF_NONE_MATCH), tag)
        ? dressed(Response.empty(304))
        : dressed(Response.of(200, contentType, body));
  }

  /** Caches may keep it but ask each time (304), so that a new version is seen at once. */
  private Response dressed(Response response) {
    Response tagged = response.with("ETag", tag).with("Cache-Control", "no-cache");
    return policy.isEmpty() ? tagged : tagged.with("Content-Security-Policy", policy);
  }

  /** One thread reads, the others wait for its array. */
  synchronized byte[] bytes() {
    byte[] bytes = held.get();
    if (bytes == null) {
      try {
        bytes = source.read();
      } catch (IOException e) {
        throw new UncheckedIOException("a packaged file cannot be read", e);
      }
      held = new SoftReference<>(bytes);
      tag = tagOf(bytes);
    }
    return bytes;
  }

  private static String tagOf(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return '"' + HexFormat.of().formatHex(digest, 0, 8) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** RFC 9110 §13.1.2, with its weak comparison. */
  private static boolean matches(String ifNoneMatch, String tag) {
    return !ifNoneMatch.isEmpty()
        && (ifNoneMatch.strip().equals("*")
            || Arrays.stream(ifNoneMatch.split(",", -1))
                .map(
                    each ->
                        each.strip().startsWith("W/") ? each.strip().substring(2) : each.strip())
                .anyMatch(tag::equals));
  }
}
