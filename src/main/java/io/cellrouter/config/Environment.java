package io.cellrouter.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads settings from an environment and collects every problem instead of stopping at the first. A
 * setting with a problem yields its default, so that reading can go on.
 */
final class Environment {
  private final Map<String, String> variables;
  private final List<String> problems = new ArrayList<>();

  Environment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  List<String> problems() {
    return problems;
  }

  Map<String, String> variables() {
    return variables;
  }

  void problem(String sentence) {
    problems.add(sentence);
  }

  /** The value as text; a variable that is set but blank counts as not set. */
  String text(Setting setting) {
    String value = variables.get(setting.name());
    return value == null || value.isBlank() ? setting.defaultValue() : value.strip();
  }

  int integer(Setting setting, int least, int most) {
    return parse(setting, text -> Values.integer(text, least, most));
  }

  /** Seconds, with a fraction if wanted. */
  Duration seconds(Setting setting, double least, double most) {
    return parse(setting, text -> Values.seconds(text, least, most));
  }

  double ratio(Setting setting) {
    return parse(setting, text -> Values.number(text, 0, 1));
  }

  double numberOrZero(Setting setting, double least, double most) {
    return parse(setting, text -> Values.numberOrZero(text, least, most));
  }

  boolean bool(Setting setting) {
    return parse(setting, Values::bool);
  }

  <E extends Enum<E>> E oneOf(Setting setting, Class<E> type) {
    return parse(setting, text -> Values.oneOf(text, type, false));
  }

  /** Comma-separated, blanks dropped. */
  List<String> list(Setting setting) {
    return list(text(setting));
  }

  /** Comma-separated, blanks dropped. */
  static List<String> list(String text) {
    return Arrays.stream(text.split(",", -1))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  private <T> T parse(Setting setting, Function<String, Parsed<T>> parser) {
    String text = text(setting);
    return parser
        .apply(text)
        .orTell(problem -> problem(setting + " " + problem + ", not \"" + text + "\""))
        .orElseGet(() -> defaultOf(setting, parser));
  }

  private static <T> T defaultOf(Setting setting, Function<String, Parsed<T>> parser) {
    return parser
        .apply(setting.defaultValue())
        .orTell(
            problem -> {
              throw new IllegalStateException("default of " + setting + " " + problem);
            })
        .orElseThrow();
  }
}
