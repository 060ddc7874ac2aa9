package io.cellrouter.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML document as a tree that still knows its line numbers, so that problems can name them. */
sealed interface YamlNode {
  /** 1-based line on which the node begins. */
  int line();

  /** A scalar as written, without its quotes; {@code null} in the file is the empty text. */
  record Scalar(String text, int line) implements YamlNode {}

  /** Members in the order of the file. */
  record Mapping(Map<String, YamlNode> members, int line) implements YamlNode {}

  /** Items in the order of the file. */
  record Sequence(List<YamlNode> items, int line) implements YamlNode {}

  /**
   * Parses one document.
   *
   * @throws IOException when the text is not YAML or a key stands twice; the message names the line
   */
  static YamlNode parse(String text) throws IOException {
    try (JsonParser parser = new YAMLFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return new Mapping(Map.of(), 1);
      }
      YamlNode root = read(parser);
      if (parser.nextToken() != null) {
        throw new IOException("line " + line(parser) + ": a second document or value begins");
      }
      return root;
    }
  }

  private static YamlNode read(JsonParser parser) throws IOException {
    int line = line(parser);
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, YamlNode> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          int keyLine = line(parser);
          parser.nextToken();
          if (members.put(key, read(parser)) != null) {
            throw new IOException("line " + keyLine + ": \"" + key + "\" stands twice");
          }
        }
        yield new Mapping(members, line);
      }
      case START_ARRAY -> {
        List<YamlNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(read(parser));
        }
        yield new Sequence(items, line);
      }
      case VALUE_NULL -> new Scalar("", line);
      default -> new Scalar(parser.getText(), line);
    };
  }

  private static int line(JsonParser parser) {
    return parser.currentTokenLocation().getLineNr();
  }
}
