package io.cellrouter.edge.handler;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.cellrouter.cell.CellChange;
import io.cellrouter.config.CellConfig.CellState;
import io.cellrouter.edge.Problem.FieldError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads {@code {"cellID":"1","state":"draining","share":50,"expires_in":600,"reason":"text"}}, or
 * {@code {"cellID":"1","clear":true}}. Every problem is found, not just the first; an unknown
 * member is one, since a misspelt share would leave the cell as it was.
 */
final class CellChangeParser {
  private static final String TIME = "expires_in";
  private static final int MOST_SECONDS = 86_400;
  private static final int MOST_REASON = 200;

  private static final JsonFactory JSON =
      new JsonFactoryBuilder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private CellChangeParser() {}

  /** What the parser made of a body. */
  sealed interface Parsed {
    /** A change; whether there is such a cell is not known yet. */
    record Ok(CellChange change) implements Parsed {}

    /** At least one error. */
    record Bad(List<FieldError> errors) implements Parsed {}

    /** Not even an object whose members could be looked at. */
    record Unreadable(String detail) implements Parsed {}
  }

  static Parsed parse(byte[] body) {
    Members members = new Members();
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Parsed.Unreadable(
            "The body must be a JSON object such as"
                + " {\"cellID\":\"1\",\"share\":50,\"expires_in\":600}.");
      }
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        members.read(name, parser);
        parser.skipChildren();
      }
      if (parser.nextToken() != null) {
        return new Parsed.Unreadable("Something follows the JSON object.");
      }
    } catch (IOException e) {
      return new Parsed.Unreadable("The body is not valid JSON, or a member stands twice.");
    }
    return members.finish();
  }

  /** What has been read so far. */
  private static final class Members {
    private final Set<String> named = new HashSet<>();
    private final List<FieldError> errors = new ArrayList<>();
    private Optional<String> cellId = Optional.empty();
    private Optional<CellState> state = Optional.empty();
    private Optional<Integer> share = Optional.empty();
    private Optional<Integer> expiresIn = Optional.empty();
    private String reason = "";
    private boolean clear;

    void read(String name, JsonParser parser) throws IOException {
      named.add(name);
      switch (name) {
        case "cellID" -> {
          if (parser.currentToken() == JsonToken.VALUE_STRING && !parser.getText().isEmpty()) {
            cellId = Optional.of(parser.getText());
          } else {
            error(name, "cellID must be a string, for example \"1\".");
          }
        }
        case "state" -> {
          state = state(parser);
          if (state.isEmpty()) {
            error(name, "state must be one of " + states() + ".");
          }
        }
        case "share" -> {
          share = whole(parser, 0, 100);
          if (share.isEmpty()) {
            error(name, "share must be a whole number from 0 to 100, in percent.");
          }
        }
        case TIME -> {
          expiresIn = whole(parser, 1, MOST_SECONDS);
          if (expiresIn.isEmpty()) {
            error(
                name,
                "expires_in must be a whole number of seconds from 1 to " + MOST_SECONDS + ".");
          }
        }
        case "reason" -> {
          if (parser.currentToken() == JsonToken.VALUE_STRING
              && parser.getText().length() <= MOST_REASON) {
            reason = parser.getText();
          } else {
            error(name, "reason must be a string of at most " + MOST_REASON + " characters.");
          }
        }
        case "clear" -> {
          if (parser.currentToken() == JsonToken.VALUE_TRUE) {
            clear = true;
          } else {
            error(name, "clear must be true, or left out.");
          }
        }
        default ->
            error(
                "body",
                "There is a member that is not known; known are cellID, state, share, expires_in,"
                    + " reason and clear.");
      }
    }

    Parsed finish() {
      if (!named.contains("cellID")) {
        error("cellID", "cellID is missing: say which cell.");
      }
      if (clear && (named.contains("state") || named.contains("share") || named.contains(TIME))) {
        error("clear", "clear takes the override back; leave state, share and expires_in out.");
      }
      if (!clear && !named.contains("state") && !named.contains("share")) {
        error("state", "Say what to change: state, share or both; or clear to take it back.");
      }
      if (!clear && !named.contains(TIME)) {
        error(TIME, "expires_in is missing: after how many seconds the configuration holds again.");
      }
      if (!errors.isEmpty()) {
        return new Parsed.Bad(List.copyOf(errors));
      }
      String id = cellId.orElseThrow();
      return new Parsed.Ok(
          clear
              ? new CellChange.Clear(id, reason)
              : new CellChange.Set(
                  id, state, share, Duration.ofSeconds(expiresIn.orElseThrow()), reason));
    }

    private void error(String field, String detail) {
      errors.add(new FieldError(field, detail));
    }

    private static Optional<CellState> state(JsonParser parser) throws IOException {
      return parser.currentToken() == JsonToken.VALUE_STRING
          ? stateOf(parser.getText())
          : Optional.empty();
    }

    private static Optional<CellState> stateOf(String label) {
      return Arrays.stream(CellState.values())
          .filter(each -> each.label().equals(label))
          .findFirst();
    }

    private static String states() {
      return Arrays.stream(CellState.values())
          .map(CellState::label)
          .collect(Collectors.joining(", "));
    }

    private static Optional<Integer> whole(JsonParser parser, int least, int most)
        throws IOException {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || parser.getTextLength() > 9) {
        return Optional.empty();
      }
      int value = parser.getIntValue();
      return value >= least && value <= most ? Optional.of(value) : Optional.empty();
    }
  }
}
