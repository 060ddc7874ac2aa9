package io.cellrouter.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

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
    return parse(
        setting,
        text -> {
          try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
              return Parsed.value(value);
            }
          } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
          }
          return Parsed.problem("must be a whole number from " + least + " to " + most);
        });
  }

  /** Seconds, with a fraction if wanted. */
  Duration seconds(Setting setting, double least, double most) {
    return parse(
        setting,
        text -> {
          try {
            BigDecimal value = new BigDecimal(text);
            if (value.compareTo(BigDecimal.valueOf(least)) >= 0
                && value.compareTo(BigDecimal.valueOf(most)) <= 0) {
              return Parsed.value(Duration.ofNanos(value.movePointRight(9).longValue()));
            }
          } catch (NumberFormatException e) {
            // Said below.
          }
          return Parsed.problem("must be seconds from " + plain(least) + " to " + plain(most));
        });
  }

  double ratio(Setting setting) {
    return number(setting, 0, 1);
  }

  double number(Setting setting, double least, double most) {
    return parse(
        setting,
        text -> {
          try {
            double value = Double.parseDouble(text);
            if (value >= least && value <= most) {
              return Parsed.value(value);
            }
          } catch (NumberFormatException e) {
            // Said below.
          }
          return Parsed.problem("must be a number from " + plain(least) + " to " + plain(most));
        });
  }

  boolean bool(Setting setting) {
    return parse(
        setting,
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true", "1", "yes", "on" -> Parsed.value(true);
              case "false", "0", "no", "off" -> Parsed.value(false);
              default -> Parsed.problem("must be true or false");
            });
  }

  <E extends Enum<E>> E oneOf(Setting setting, Class<E> type) {
    return parse(
        setting,
        text -> {
          for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text)) {
              return Parsed.value(constant);
            }
          }
          return Parsed.problem(
              "must be one of "
                  + Arrays.stream(type.getEnumConstants())
                      .map(Enum::name)
                      .collect(Collectors.joining(", ")));
        });
  }

  /** Comma-separated, blanks dropped. */
  List<String> list(Setting setting) {
    return Arrays.stream(text(setting).split(",", -1))
        .map(String::strip)
        .filter(item -> !item.isEmpty())
        .toList();
  }

  <T> T parse(Setting setting, Function<String, Parsed<T>> parser) {
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

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
