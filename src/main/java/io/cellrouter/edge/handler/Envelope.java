package io.cellrouter.edge.handler;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.cellrouter.cell.Cell;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.Outcome;
import io.cellrouter.route.Utf8;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;

/**
 * Wraps a cell's answer: {@code {"cellID":"1","upstream":"nginx-1","status":200,"response":…}}.
 *
 * <p>JSON is embedded as the cell's own bytes after one pass that checks it (a cell could break out
 * of the envelope otherwise); anything else becomes a JSON string. The status of the answer is the
 * cell's own, so that clients, load balancers and alerts see a cell's error as one; only statuses
 * that forbid a body or ask for something else (204, 205, 3xx) are told in the envelope alone.
 */
final class Envelope {
  private static final int MAX_DEPTH = 200;
  private static final byte[] QUOTE = {'"'};
  private static final byte[] END = {'}'};

  private final JsonFactory json;
  private final int maxResponse;

  /**
   * @param maxResponse bytes a cell's answer may have, as it came and as it stands in the envelope
   */
  Envelope(int maxResponse) {
    this.maxResponse = maxResponse;
    this.json =
        new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(maxResponse)
                    .maxNumberLength(maxResponse)
                    .build())
            .build();
  }

  Response wrap(Cell cell, Outcome.Answered answered) {
    byte[] body = answered.body();
    // Ids and names are configured in an alphabet that needs no escaping.
    byte[] head =
        ("{\"cellID\":\""
                + cell.id()
                + "\",\"upstream\":\""
                + cell.name()
                + "\",\"status\":"
                + answered.status()
                + ",\"response\":")
            .getBytes(StandardCharsets.US_ASCII);
    if (isJsonType(answered.contentType()) && isJson(body)) {
      return answered.lease().covers(head.length + body.length + END.length)
          ? envelope(answered, head, body, END)
          : noRoom(cell);
    }
    String text = new String(body, charset(answered.contentType()));
    long quoted = quotedLength(text);
    if (quoted > maxResponse) {
      // A megabyte of zero bytes would become six as text: one cell could so fill the heap.
      return Problem.ofCell(
          Reason.CELL_RESPONSE_TOO_LARGE, cell.id(), "its text, escaped, exceeds the limit");
    }
    return answered.lease().covers(head.length + quoted + END.length)
        ? envelope(
            answered, head, QUOTE, JsonStringEncoder.getInstance().quoteAsUTF8(text), QUOTE, END)
        : noRoom(cell);
  }

  private static Response envelope(Outcome.Answered answered, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] whole = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, whole, at, part.length);
      at += part.length;
    }
    return Response.json(status(answered.status()), whole);
  }

  private static Response noRoom(Cell cell) {
    return Problem.ofCell(
        Reason.CELL_RESPONSE_NO_ROOM, cell.id(), "no room for it in its envelope");
  }

  private static int status(int cells) {
    return cells == 204 || cells == 205 || cells / 100 == 3 ? 200 : cells;
  }

  private static boolean isJsonType(String contentType) {
    if (contentType.equals("application/json")) {
      return true;
    }
    String type = contentType.toLowerCase(Locale.ROOT);
    int end = type.indexOf(';');
    String bare = (end < 0 ? type : type.substring(0, end)).strip();
    return bare.equals("application/json") || bare.endsWith("+json");
  }

  /** Exactly one JSON value and nothing else, in UTF-8. */
  private boolean isJson(byte[] body) {
    if (body.length == 0 || !Utf8.isPlain(body)) {
      return false;
    }
    try (JsonParser parser = json.createParser(body)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      parser.finishToken();
      return parser.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }

  /** How long the text becomes as a JSON string, at most: six bytes for a control character. */
  private static long quotedLength(String text) {
    long length = 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      length += c < ' ' ? 6 : c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : 3;
    }
    return length;
  }

  private static Charset charset(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT);
    int at = type.indexOf("charset=");
    if (at < 0) {
      return StandardCharsets.UTF_8;
    }
    String name = type.substring(at + 8).split(";", 2)[0].strip().replace("\"", "");
    try {
      return Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return StandardCharsets.UTF_8;
    }
  }
}
