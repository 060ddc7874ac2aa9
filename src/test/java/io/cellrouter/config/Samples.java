package io.cellrouter.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values that a setting takes, worked out from the range that it states of itself. */
final class Samples {
  private static final Pattern RANGE = Pattern.compile("(0, )?([0-9.]+) to ([0-9.]+)");

  /**
   * @param least as written
   */
  record Range(boolean orZero, String least, String most) {}

  private Samples() {}

  /** Of numbers only. */
  static Optional<Range> range(CellSetting setting) {
    Matcher matcher = RANGE.matcher(setting.range());
    return matcher.matches() && setting != CellSetting.BREAKER_FAILURE_STATUSES
        ? Optional.of(new Range(matcher.group(1) != null, matcher.group(2), matcher.group(3)))
        : Optional.empty();
  }

  /** Some, the ends of the range among them; the last one is not the default. */
  static List<String> of(CellSetting setting) {
    if (setting == CellSetting.BREAKER_FAILURE_STATUSES) {
      return List.of("", "503", "502-504", "500-599");
    }
    if (setting.range().startsWith("true")) {
      return List.of(
          setting.defaultValue(), Boolean.toString(!Boolean.parseBoolean(setting.defaultValue())));
    }
    Range range = range(setting).orElseThrow();
    List<String> samples = new ArrayList<>(List.of(setting.defaultValue()));
    if (range.orZero()) {
      samples.add("0");
    }
    samples.add(range.least());
    samples.add(range.most());
    return samples;
  }
}
