package io.cellrouter.route;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Reads {@code {"cellID":"1","method":"POST","payload":…}} in one pass. The payload is checked to
 * be JSON on the way and handed on as its own bytes, never rebuilt.
 *
 * <p>A member that stands twice is refused: the router would believe one, the cell perhaps the
 * other. So is what different readers take differently: a byte order mark, UTF-16, malformed UTF-8.
 */
public final class RouteParser {
  static final int MAX_CELL_ID = 10;
  static final int MAX_DEPTH = 64;

  private static final ByteBuffer NO_PAYLOAD = ByteBuffer.allocate(0);

  private final JsonFactory json;

  /**
   * @param maxBody bodies are not longer than this, so neither is a string in one
   */
  public RouteParser(int maxBody) {
    this.json =
        new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            // The default recycles buffers by thread: with a virtual thread a request, never.
            .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(maxBody)
                    .build())
            .build();
  }

  /** What the parser made of a body. */
  public sealed interface Parsed {
    /** A request. */
    record Ok(RouteRequest request) implements Parsed {}

    /** Not a request; says why. */
    record Bad(Decision.Rejected rejected) implements Parsed {}
  }

  /** Parses one body. Never throws for what stands in it. */
  public Parsed parse(byte[] body) {
    if (!Utf8.isPlain(body)) {
      return invalid("The body must be UTF-8 without a byte order mark and without NUL bytes.");
    }
    try (JsonParser parser = json.createParser(body)) {
      return read(parser, body);
    } catch (StreamConstraintsException e) {
      return invalid(
          "The body nests deeper than "
              + MAX_DEPTH
              + " levels or holds too long a name or number.");
    } catch (IOException e) {
      return invalid("The body is not valid JSON.");
    }
  }

  private static Parsed read(JsonParser parser, byte[] body) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return invalid("The body must be a JSON object such as {\"cellID\":\"1\"}.");
    }
    String cellId = null;
    CellMethod method = null;
    ByteBuffer payload = null;
    Set<String> others = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "cellID" -> {
          if (cellId != null) {
            return badCellId("cellID stands twice.");
          }
          if (value != JsonToken.VALUE_STRING) {
            return badCellId("cellID must be a string, for example \"1\".");
          }
          cellId = parser.getText();
        }
        case "method" -> {
          if (method != null) {
            return bad(Reason.INVALID_METHOD, "method", "method stands twice.");
          }
          Optional<CellMethod> known =
              value == JsonToken.VALUE_STRING ? CellMethod.of(parser.getText()) : Optional.empty();
          if (known.isEmpty()) {
            return bad(
                Reason.INVALID_METHOD,
                "method",
                "method must be \"GET\", \"POST\", \"PUT\", \"PATCH\" or \"DELETE\".");
          }
          method = known.get();
        }
        case "payload" -> {
          if (payload != null) {
            return badPayload("payload stands twice.");
          }
          payload = slice(parser, body);
        }
        default -> {
          if (!others.add(name)) {
            return invalid("A member stands twice.");
          }
          parser.skipChildren();
        }
      }
    }
    if (parser.nextToken() != null) {
      return invalid("Something follows the JSON object.");
    }
    if (cellId == null) {
      return badCellId("cellID is missing.");
    }
    if (cellId.isEmpty() || cellId.codePointCount(0, cellId.length()) > MAX_CELL_ID) {
      return badCellId("cellID must have 1 to " + MAX_CELL_ID + " characters.");
    }
    if (method == null) {
      method = CellMethod.POST;
    }
    if (payload == null) {
      payload = NO_PAYLOAD;
    } else if (!method.carriesBody()) {
      return badPayload("A cell that is asked with GET gets no payload: leave it out.");
    }
    return new Parsed.Ok(new RouteRequest(cellId, method, payload));
  }

  /** The bytes of the value the parser stands on; leaves it on the value's last token. */
  private static ByteBuffer slice(JsonParser parser, byte[] body) throws IOException {
    int from = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken(); // Strings are read lazily: only now does the location stand behind it.
    int to = (int) parser.currentLocation().getByteOffset();
    return ByteBuffer.wrap(body, from, to - from);
  }

  private static Parsed invalid(String detail) {
    return bad(Reason.INVALID_BODY, "", detail);
  }

  private static Parsed badPayload(String detail) {
    return bad(Reason.INVALID_BODY, "payload", detail);
  }

  private static Parsed badCellId(String detail) {
    return bad(Reason.INVALID_CELL_ID, "cellID", detail);
  }

  private static Parsed bad(Reason reason, String field, String detail) {
    return new Parsed.Bad(new Decision.Rejected(reason, field, detail));
  }
}
