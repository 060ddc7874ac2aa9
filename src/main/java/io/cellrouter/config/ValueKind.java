package io.cellrouter.config;

import java.util.function.Function;

/**
 * What a cell's setting may be.
 *
 * @param range in words, for tables
 * @param unit in which it is written and shown; may be empty
 * @param zero what 0 is called in sentences; empty: 0 and the unit
 */
record ValueKind(String range, String unit, String zero, Function<String, Parsed<?>> parser) {

  static ValueKind count(int least, int most, String unit) {
    return new ValueKind(
        least + " to " + most, unit, "", text -> Values.integer(text, least, most));
  }

  static ValueKind seconds(double least, double most) {
    return new ValueKind(range(least, most), "s", "", text -> Values.seconds(text, least, most));
  }

  static ValueKind share(double least) {
    return new ValueKind(range(least, 1), "", "", text -> Values.number(text, least, 1));
  }

  /** 0, or from {@code least} to {@code most}. */
  static ValueKind rate(double least, double most, String unit) {
    return new ValueKind(
        "0, " + range(least, most), unit, "", text -> Values.numberOrZero(text, least, most));
  }

  static ValueKind onOrOff() {
    return new ValueKind("true, false", "", "", Values::bool);
  }

  static ValueKind statuses() {
    return new ValueKind("500 to 599", "", "", Values::statuses);
  }

  /** The same, where 0 has a name. */
  ValueKind zeroIs(String word) {
    return new ValueKind(range, unit, word, parser);
  }

  private static String range(double least, double most) {
    return Values.plain(least) + " to " + Values.plain(most);
  }
}
