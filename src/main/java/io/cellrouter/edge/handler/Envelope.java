package io.cellrouter.edge.handler;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.cellrouter.cell.Cell;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.Outcome;
import java.io.ByteArrayOutputStream;
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

  private final JsonFactory json;

  Envelope(int maxResponse) {
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
    byte[] value =
        isJsonType(answered.contentType()) && isJson(body)
            ? body
            : quoted(new String(body, charset(answered.contentType())));
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
    ByteArrayOutputStream out = new ByteArrayOutputStream(head.length + value.length + 1);
    out.writeBytes(head);
    out.writeBytes(value);
    out.write('}');
    return Response.json(status(answered.status()), out.toByteArray());
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
    if (body.length == 0 || body[0] < 0) {
      return false; // Neither empty nor a byte order mark.
    }
    for (byte each : body) {
      if (each == 0) {
        return false;
      }
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

  private static byte[] quoted(String text) {
    return ('"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"')
        .getBytes(StandardCharsets.UTF_8);
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
