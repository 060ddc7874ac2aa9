package io.cellrouter.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What settings are written as, made values; the bounds are inclusive. */
final class Values {
  private Values() {}

  static Parsed<Integer> integer(String text, int least, int most) {
    try {
      int value = Integer.parseInt(text);
      if (value >= least && value <= most) {
        return Parsed.value(value);
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number out of range.
    }
    return Parsed.problem("must be a whole number from " + least + " to " + most);
  }

  static Parsed<Long> positive(String text) {
    try {
      long value = Long.parseLong(text);
      if (value >= 1) {
        return Parsed.value(value);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    return Parsed.problem("must be a whole number from 1");
  }

  /** Seconds, with a fraction if wanted. */
  static Parsed<Duration> seconds(String text, double least, double most) {
    return within(text, least, most)
        .<Parsed<Duration>>map(
            value -> Parsed.value(Duration.ofNanos(value.movePointRight(9).longValue())))
        .orElseGet(
            () -> Parsed.problem("must be seconds from " + plain(least) + " to " + plain(most)));
  }

  static Parsed<Double> number(String text, double least, double most) {
    return within(text, least, most)
        .<Parsed<Double>>map(value -> Parsed.value(value.doubleValue()))
        .orElseGet(
            () -> Parsed.problem("must be a number from " + plain(least) + " to " + plain(most)));
  }

  /** As {@link #number}, or 0, which switches the thing off. */
  static Parsed<Double> numberOrZero(String text, double least, double most) {
    return within(text, 0, most)
        .filter(value -> value.signum() == 0 || value.compareTo(BigDecimal.valueOf(least)) >= 0)
        .<Parsed<Double>>map(value -> Parsed.value(value.doubleValue()))
        .orElseGet(
            () ->
                Parsed.problem(
                    "must be 0 or a number from " + plain(least) + " to " + plain(most)));
  }

  private static Optional<BigDecimal> within(String text, double least, double most) {
    try {
      BigDecimal value = new BigDecimal(text);
      if (value.compareTo(BigDecimal.valueOf(least)) >= 0
          && value.compareTo(BigDecimal.valueOf(most)) <= 0) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      // As if it were out of range: the sentence that names the range fits both.
    }
    return Optional.empty();
  }

  static Parsed<Boolean> bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "1", "yes", "on" -> Parsed.value(true);
      case "false", "0", "no", "off" -> Parsed.value(false);
      default -> Parsed.problem("must be true or false");
    };
  }

  /** In any case; the sentence lists the constants as {@code label} writes them. */
  static <E extends Enum<E>> Parsed<E> oneOf(String text, Class<E> type, boolean lowerCase) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return Parsed.value(constant);
      }
    }
    String known =
        Arrays.stream(type.getEnumConstants()).map(Enum::name).collect(Collectors.joining(", "));
    return Parsed.problem("must be one of " + (lowerCase ? known.toLowerCase(Locale.ROOT) : known));
  }

  /**
   * One status or a range of them, or nothing. Only from 500 on: that a client asked for something
   * wrong says nothing about the cell.
   */
  static Parsed<CellPolicy.StatusRange> statuses(String text) {
    if (text.isEmpty()) {
      return Parsed.value(CellPolicy.StatusRange.NONE);
    }
    String[] ends = text.split("-", -1);
    try {
      int first = Integer.parseInt(ends[0].strip());
      int last = ends.length == 1 ? first : Integer.parseInt(ends[1].strip());
      if (ends.length <= 2 && first >= 500 && first <= last && last <= 599) {
        return Parsed.value(new CellPolicy.StatusRange(first, last));
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    return Parsed.problem("must be a status or a range such as 502-504, within 500-599");
  }

  /**
   * @param burst 0: as many as in one second
   */
  static CellPolicy.Rate rate(double perSecond, double burst) {
    return perSecond == 0
        ? CellPolicy.Rate.UNLIMITED
        : new CellPolicy.Rate(perSecond, Math.max(1, burst == 0 ? perSecond : burst));
  }

  /** Without exponent and without zeros at the end. */
  static String plain(double number) {
    return plain(BigDecimal.valueOf(number));
  }

  static String plain(Duration duration) {
    return plain(
        BigDecimal.valueOf(duration.getSeconds()).add(BigDecimal.valueOf(duration.getNano(), 9)));
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
