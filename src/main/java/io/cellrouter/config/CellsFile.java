package io.cellrouter.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cellrouter.config.YamlNode.Mapping;
import io.cellrouter.config.YamlNode.Member;
import io.cellrouter.config.YamlNode.Scalar;
import io.cellrouter.config.YamlNode.Sequence;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The file named by {@code ROUTER_CONFIG}:
 *
 * <pre>
 * version: 7             # optional; may only grow
 * defaults:              # optional: any CellSetting, for the cells that do not say otherwise
 *   max_in_flight: 128
 * cells:
 *   "1":
 *     url: http://nginx-1:8080       # or urls: [http://a:8080, http://b:8080]
 *     name: nginx-1                  # optional, cell-ID when left out
 *     state: active                  # optional: active, read_only, draining, disabled
 *     share: 100                     # optional: percent of its clients that are admitted
 *     max_in_flight: 64              # optional: any CellSetting
 * clients:               # optional: what one client may ask over all cells
 *   acme: {rate: 100, burst: 200}
 * </pre>
 *
 * An unknown member is a problem, since a misspelt limit must not be no limit.
 */
final class CellsFile {
  private static final Pattern CLIENT = Pattern.compile("[A-Za-z0-9._@:-]{1,64}");
  private static final Pattern PLACE = Pattern.compile(" in .*, line ([0-9]{1,9}), column .*");
  private static final String CELL_MEMBERS =
      Stream.concat(
              Stream.of("url", "urls", "name", "state", "share"),
              Arrays.stream(CellSetting.values()).map(CellSetting::key))
          .collect(Collectors.joining(", "));
  private static final String DEFAULTS_MEMBERS =
      Arrays.stream(CellSetting.values()).map(CellSetting::key).collect(Collectors.joining(", "));

  /**
   * What could be read.
   *
   * @param version 0 when the file states none
   */
  record Content(
      long version,
      CellValues defaults,
      Map<String, CellDraft> cells,
      Map<String, CellPolicy.Rate> clients) {
    /** Of no file. */
    static Content none() {
      return new Content(0, new CellValues(), Map.of(), Map.of());
    }
  }

  private final Path file;
  private final Consumer<String> problems;
  private final MemberReader reader;
  private final CellValues defaults = new CellValues();
  private final Map<String, CellDraft> cells = new LinkedHashMap<>();
  private final Map<String, CellPolicy.Rate> clients = new LinkedHashMap<>();
  private long version;

  private CellsFile(Path file, Consumer<String> problems) {
    this.file = file;
    this.problems = problems;
    this.reader = new MemberReader(file, problems);
  }

  /** What could be read; every problem goes to the consumer, with its line. */
  static Content parse(Path file, byte[] bytes, Consumer<String> problems) {
    CellsFile reading = new CellsFile(file, problems);
    reading.parse(bytes);
    return new Content(reading.version, reading.defaults, reading.cells, reading.clients);
  }

  private void parse(byte[] bytes) {
    if (bytes.length == 0) {
      problems.accept("ROUTER_CONFIG: " + file + " is empty");
      return;
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      document(YamlNode.parse(text, reader::problem));
    } catch (CharacterCodingException e) {
      problems.accept("ROUTER_CONFIG: " + file + " is not UTF-8");
    } catch (JsonProcessingException e) {
      notYaml(e);
    } catch (IOException e) {
      problems.accept("ROUTER_CONFIG: " + file + " cannot be read: " + e.getMessage());
    }
  }

  /**
   * SnakeYAML tells the context, then the problem, each followed by its place and the line itself,
   * both indented; the exception's own location is that of the token before.
   */
  private void notYaml(JsonProcessingException e) {
    int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
    String problem = "unreadable";
    for (String each : e.getOriginalMessage().lines().toList()) {
      Matcher place = PLACE.matcher(each);
      if (place.matches()) {
        line = Integer.parseInt(place.group(1));
      } else if (!each.isBlank() && !each.startsWith(" ")) {
        problem = each;
      }
    }
    reader.problem(line, "not YAML: " + problem);
  }

  private void document(YamlNode root) {
    if (!(root instanceof Mapping(Map<String, Member> members, int line))) {
      reader.problem(root.line(), "must be a mapping with the member \"cells\"");
      return;
    }
    if (!members.containsKey("cells")) {
      reader.problem(line, "the member \"cells\" is missing");
    }
    members.forEach(
        (key, member) -> {
          switch (key) {
            case "version" ->
                reader
                    .scalar(key, member)
                    .flatMap(text -> reader.told(Values.positive(text), key, text, member.line()))
                    .ifPresent(value -> version = value);
            case "defaults" -> reader.mapping(key, member).forEach(this::defaultValue);
            case "cells" -> cells(member);
            case "clients" -> reader.mapping(key, member).forEach(this::client);
            default -> reader.unknown(key, member, "version, defaults, cells, clients");
          }
        });
  }

  private void defaultValue(String key, Member member) {
    MemberReader.setting(key)
        .ifPresentOrElse(
            setting -> reader.setting("", setting, member, defaults),
            () -> reader.unknown(key, member, DEFAULTS_MEMBERS));
  }

  private void cells(Member member) {
    switch (member.node()) {
      case Mapping(Map<String, Member> byId, int line) -> {
        if (byId.isEmpty()) {
          reader.problem(line, "\"cells\" names no cell");
        }
        byId.forEach(this::cell);
      }
      case Scalar other ->
          reader.problem(other.line(), "\"cells\" must map cell ids to their settings");
      case Sequence other ->
          reader.problem(other.line(), "\"cells\" must map cell ids to their settings");
    }
  }

  private void cell(String id, Member member) {
    if (!CellConfig.isId(id)) {
      reader.problem(
          member.line(), "cell id \"" + id + "\" must be 1 to 10 of A-Z a-z 0-9 . _ - characters");
      return;
    }
    CellDraft cell = new CellDraft(id, "cell-" + id, reader.place(member.line()));
    cells.put(id, cell);
    Map<String, Member> members = reader.mapping("cell " + id, member);
    if (members.containsKey("url") && members.containsKey("urls")) {
      reader.problem(member.line(), "cell \"" + id + "\": keep \"url\" or \"urls\", not both");
    }
    members.forEach((key, each) -> cellMember(id, cell, key, each));
  }

  private void cellMember(String id, CellDraft cell, String key, Member member) {
    String named = "cell \"" + id + "\": ";
    switch (key) {
      case "url" ->
          cell.urls(
              reader.scalar(key, member).stream()
                  .flatMap(text -> url(named, text, member))
                  .toList());
      case "urls" -> cell.urls(urls(named, member));
      case "name" ->
          reader
              .scalar(key, member)
              .ifPresent(
                  text -> {
                    cell.name(text);
                    if (!CellConfig.isName(text)) {
                      reader.problem(
                          member.line(),
                          named + "name \"" + text + "\" must be 1 to 63 of A-Z a-z 0-9 . _ -");
                    }
                  });
      case "state" ->
          reader
              .scalar(key, member)
              .flatMap(
                  text ->
                      reader.told(
                          CellConfig.CellState.parse(text), named + key, text, member.line()))
              .ifPresent(cell::state);
      case "share" ->
          reader
              .scalar(key, member)
              .flatMap(
                  text ->
                      reader.told(Values.integer(text, 0, 100), named + key, text, member.line()))
              .ifPresent(cell::share);
      default ->
          MemberReader.setting(key)
              .ifPresentOrElse(
                  setting -> reader.setting(named, setting, member, cell.values()),
                  () -> reader.unknown(key, member, CELL_MEMBERS));
    }
  }

  private Stream<URI> url(String named, String text, Member member) {
    return HttpUrl.parse(text)
        .orTell(problem -> reader.problem(member.line(), named + "url " + problem))
        .stream();
  }

  private List<URI> urls(String named, Member member) {
    List<URI> urls = new ArrayList<>();
    if (member.node() instanceof Sequence(List<YamlNode> items, int line) && !items.isEmpty()) {
      for (YamlNode item : items) {
        if (item instanceof Scalar(String text, int at)) {
          url(named, text, new Member(item, at)).forEach(urls::add);
        } else {
          reader.problem(item.line(), named + "each of \"urls\" must be a plain value");
        }
      }
    } else {
      reader.problem(
          member.line(), named + "\"urls\" must list URLs: [http://a:8080, http://b:8080]");
    }
    return urls;
  }

  private void client(String name, Member member) {
    if (!CLIENT.matcher(name).matches()) {
      reader.problem(
          member.line(),
          "client \"" + name + "\" must be 1 to 64 of A-Z a-z 0-9 . _ @ : - characters");
      return;
    }
    String named = "client \"" + name + "\": ";
    CellValues values = new CellValues();
    Map<String, Member> members = reader.mapping("client " + name, member);
    if (!members.containsKey("rate")) {
      reader.problem(member.line(), named + "has no \"rate\"");
    }
    members.forEach(
        (key, each) -> {
          switch (key) {
            case "rate" -> reader.setting(named, CellSetting.RATE, each, values);
            case "burst" -> reader.setting(named, CellSetting.BURST, each, values);
            default -> reader.unknown(key, each, "rate, burst");
          }
        });
    clients.put(name, values.policy().rate());
  }
}
