package io.cellrouter.config;

/** What a cell's setting may be; bounds are inclusive. */
enum ValueKind {
  /** A whole number. */
  COUNT,
  /** Seconds, with a fraction if wanted. */
  SECONDS,
  NUMBER,
  /** 0, which switches the thing off, or a number within the bounds. */
  NUMBER_OR_ZERO,
  /** True or false. */
  FLAG,
  /** Statuses of answers, from 500 on. */
  STATUSES;

  /** The value, or the end of a sentence that begins with the setting. */
  Parsed<?> parse(String text, double least, double most) {
    return switch (this) {
      case COUNT -> Values.integer(text, (int) least, (int) most);
      case SECONDS -> Values.seconds(text, least, most);
      case NUMBER -> Values.number(text, least, most);
      case NUMBER_OR_ZERO -> Values.numberOrZero(text, least, most);
      case FLAG -> Values.bool(text);
      case STATUSES -> Values.statuses(text);
    };
  }

  /** In words, for tables. */
  String range(double least, double most) {
    String numbers = Values.plain(least) + " to " + Values.plain(most);
    return switch (this) {
      case COUNT, SECONDS, NUMBER -> numbers;
      case NUMBER_OR_ZERO -> "0, " + numbers;
      case FLAG -> "true, false";
      case STATUSES -> "500 to 599";
    };
  }
}
