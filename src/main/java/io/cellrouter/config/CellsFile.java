package io.cellrouter.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The file named by {@code ROUTER_CONFIG}:
 *
 * <pre>
 * cells:
 *   "1":
 *     url: http://nginx-1:8080
 *     name: nginx-1      # optional, cell-ID when left out
 *     state: active      # optional: active, read_only, draining, disabled
 * </pre>
 *
 * An unknown member is a problem, since a misspelt limit must not be no limit.
 */
final class CellsFile {
  private final Path file;
  private final Consumer<String> problems;

  private CellsFile(Path file, Consumer<String> problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The cells that could be read; every problem goes to the consumer, with its line. */
  static List<CellConfig> read(Path file, Consumer<String> problems) {
    return new CellsFile(file, problems).read();
  }

  private List<CellConfig> read() {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      problems.accept("ROUTER_CONFIG: there is no file " + file);
      return List.of();
    } catch (IOException e) {
      problems.accept("ROUTER_CONFIG: " + file + " cannot be read: " + e);
      return List.of();
    }
    try {
      return cells(YamlNode.parse(text));
    } catch (JsonProcessingException e) {
      problem(
          e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
          "not YAML: " + e.getOriginalMessage().lines().findFirst().orElse("unreadable"));
    } catch (IOException e) {
      problems.accept(file + ": " + e.getMessage());
    }
    return List.of();
  }

  private List<CellConfig> cells(YamlNode root) {
    List<CellConfig> cells = new ArrayList<>();
    if (!(root instanceof YamlNode.Mapping(Map<String, YamlNode> members, int line))) {
      problem(root.line(), "must be a mapping with the member \"cells\"");
      return cells;
    }
    members.forEach(
        (key, node) -> {
          if (!key.equals("cells")) {
            problem(node.line(), "unknown member \"" + key + "\"; known: cells");
          }
        });
    switch (members.get("cells")) {
      case null -> problem(line, "the member \"cells\" is missing");
      case YamlNode.Mapping(Map<String, YamlNode> byId, int cellsLine) -> {
        if (byId.isEmpty()) {
          problem(cellsLine, "\"cells\" names no cell");
        }
        byId.forEach((id, node) -> cell(id, node, cells));
      }
      case YamlNode other -> problem(other.line(), "\"cells\" must map cell ids to their settings");
    }
    return cells;
  }

  private void cell(String id, YamlNode node, List<CellConfig> cells) {
    if (!CellConfig.isId(id)) {
      problem(
          node.line(), "cell id \"" + id + "\" must be 1 to 10 of A-Z a-z 0-9 . _ - characters");
      return;
    }
    if (!(node instanceof YamlNode.Mapping(Map<String, YamlNode> members, int line))) {
      problem(node.line(), "cell \"" + id + "\" must be a mapping with at least \"url\"");
      return;
    }
    String url = null;
    String name = "cell-" + id;
    String state = "active";
    for (Map.Entry<String, YamlNode> member : members.entrySet()) {
      if (!(member.getValue() instanceof YamlNode.Scalar(String text, int at))) {
        problem(member.getValue().line(), "\"" + member.getKey() + "\" must be a plain value");
        continue;
      }
      switch (member.getKey()) {
        case "url" -> url = text;
        case "name" -> {
          name = text;
          if (!CellConfig.isName(text)) {
            problem(at, "name \"" + text + "\" must be 1 to 63 of A-Z a-z 0-9 . _ -");
          }
        }
        case "state" -> state = text;
        default ->
            problem(at, "unknown member \"" + member.getKey() + "\"; known: url, name, state");
      }
    }
    if (url == null) {
      problem(line, "cell \"" + id + "\" has no \"url\"");
      return;
    }
    CellConfig.CellState known = state(state, line);
    String named = name;
    HttpUrl.parse(url)
        .orTell(problem -> problem(line, "url of \"" + id + "\" " + problem))
        .ifPresent(value -> cells.add(CellConfig.of(id, named, value).with(known, 100)));
  }

  private CellConfig.CellState state(String text, int line) {
    for (CellConfig.CellState state : CellConfig.CellState.values()) {
      if (state.label().equals(text.toLowerCase(Locale.ROOT))) {
        return state;
      }
    }
    String known =
        Stream.of(CellConfig.CellState.values())
            .map(CellConfig.CellState::label)
            .collect(Collectors.joining(", "));
    problem(line, "state \"" + text + "\" is unknown; known: " + known);
    return CellConfig.CellState.DISABLED;
  }

  private void problem(int line, String sentence) {
    problems.accept(file + " line " + line + ": " + sentence);
  }
}
