package io.cellrouter.config;

import io.cellrouter.config.YamlNode.Mapping;
import io.cellrouter.config.YamlNode.Member;
import io.cellrouter.config.YamlNode.Scalar;
import io.cellrouter.config.YamlNode.Sequence;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Values out of the members of a YAML file; what is not as it must be is told with its line, and
 * reading goes on without it.
 *
 * @param problems is told each as a sentence
 */
record MemberReader(Path file, Consumer<String> problems) {
  /** The setting of that name, if there is one. */
  static Optional<CellSetting> setting(String key) {
    return Arrays.stream(CellSetting.values()).filter(each -> each.key().equals(key)).findFirst();
  }

  /** Reads one setting into {@code values}. */
  void setting(String named, CellSetting setting, Member member, CellValues values) {
    scalar(setting.key(), member)
        .flatMap(
            text ->
                setting.parse(
                    text,
                    problem ->
                        problem(
                            member.line(),
                            named + setting.key() + " " + problem + ", not \"" + text + "\"")))
        .ifPresent(value -> values.put(setting, value));
  }

  /** The value, or nothing and the problem is told. */
  <T> Optional<T> told(Parsed<T> parsed, String name, String text, int line) {
    return parsed.orTell(problem -> problem(line, name + " " + problem + ", not \"" + text + "\""));
  }

  /** A plain value without the blanks around it. */
  Optional<String> scalar(String key, Member member) {
    if (member.node() instanceof Scalar(String text, int line)) {
      return Optional.of(text.strip());
    }
    problem(member.line(), "\"" + key + "\" must be a plain value");
    return Optional.empty();
  }

  /** A member with nothing in it, as when all of it is commented out, is an empty mapping. */
  Map<String, Member> mapping(String key, Member member) {
    return switch (member.node()) {
      case Mapping(Map<String, Member> members, int line) -> members;
      case Scalar(String text, int line) when text.isEmpty() -> Map.of();
      case Scalar other -> notAMapping(key, member);
      case Sequence other -> notAMapping(key, member);
    };
  }

  private Map<String, Member> notAMapping(String key, Member member) {
    problem(member.line(), "\"" + key + "\" must be a mapping");
    return Map.of();
  }

  void unknown(String key, Member member, String known) {
    problem(member.line(), "unknown member \"" + key + "\"; known: " + known);
  }

  /** Where in the file, as problems say it. */
  String place(int line) {
    return file + " line " + line;
  }

  void problem(int line, String sentence) {
    problems.accept(place(line) + ": " + sentence);
  }
}
