package io.cellrouter.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
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
  record Mapping(Map<String, Member> members, int line) implements YamlNode {}

  /**
   * @param line of the key
   */
  record Member(YamlNode node, int line) {}

  /** Items in the order of the file. */
  record Sequence(List<YamlNode> items, int line) implements YamlNode {}

  /** Is told of what cannot be in such a file, and where; reading goes on. */
  @FunctionalInterface
  interface Problems {
    void add(int line, String sentence);
  }

  /**
   * Parses one document.
   *
   * @throws IOException when the text is not YAML
   */
  static YamlNode parse(String text, Problems problems) throws IOException {
    try (YAMLParser parser = new YAMLFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return new Mapping(Map.of(), 1);
      }
      YamlNode root = read(parser, problems);
      if (parser.nextToken() != null) {
        problems.add(line(parser), "a second document or value begins");
      }
      return root;
    }
  }

  private static YamlNode read(YAMLParser parser, Problems problems) throws IOException {
    int line = line(parser);
    if (parser.isCurrentAlias()) {
      // The parser gives the alias's name for its value, which could pass for one.
      problems.add(line, "aliases (*" + parser.getText() + ") are not understood; write it out");
      return new Scalar("", line);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Member> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          int keyLine = line(parser);
          parser.nextToken();
          if (members.put(key, new Member(read(parser, problems), keyLine)) != null) {
            problems.add(keyLine, "\"" + key + "\" stands twice");
          }
        }
        yield new Mapping(members, line);
      }
      case START_ARRAY -> {
        List<YamlNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(read(parser, problems));
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
