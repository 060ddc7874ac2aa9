package io.cellrouter.edge.handler;

import io.cellrouter.forward.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * By when a request must be answered: {@code REQUEST_TIMEOUT} after it was read, or earlier if the
 * client says so in {@code X-Request-Timeout}; never later.
 */
record Timing(Deadline deadline) {
  /** Far above any {@code REQUEST_TIMEOUT}, as seconds or milliseconds; beyond, all are alike. */
  private static final long MOST = 1_000_000_000;

  /**
   * @param values of {@code X-Request-Timeout}
   * @param startNanos when the request was read, as {@link System#nanoTime}
   * @param most {@code REQUEST_TIMEOUT}
   * @return empty when the client's limit cannot be understood; to guess would be to start work for
   *     somebody who may have gone
   */
  static Optional<Timing> of(List<String> values, long startNanos, Duration most) {
    if (values.isEmpty()) {
      return Optional.of(new Timing(Deadline.after(startNanos, most)));
    }
    OptionalLong millis = values.size() == 1 ? millis(values.getFirst()) : OptionalLong.empty();
    if (millis.isEmpty()) {
      return Optional.empty();
    }
    Duration asked = Duration.ofMillis(millis.getAsLong());
    return Optional.of(
        new Timing(Deadline.after(startNanos, asked.compareTo(most) < 0 ? asked : most)));
  }

  boolean passed() {
    return deadline.remainingNanos(System.nanoTime()) == 0;
  }

  /**
   * Reads {@code 250ms}, or seconds with at most three decimals: {@code 1.5}.
   *
   * @return empty unless it is one of these and more than zero
   */
  static OptionalLong millis(String text) {
    long millis;
    if (text.endsWith("ms")) {
      millis = digits(text.substring(0, text.length() - 2));
    } else {
      int point = text.indexOf('.');
      String whole = point < 0 ? text : text.substring(0, point);
      String decimals = point < 0 ? "0" : text.substring(point + 1);
      long seconds = digits(whole);
      long thousandths = thousandths(decimals);
      millis = seconds < 0 || thousandths < 0 ? -1 : seconds * 1_000 + thousandths;
    }
    return millis > 0 ? OptionalLong.of(millis) : OptionalLong.empty();
  }

  private static long thousandths(String decimals) {
    return decimals.isEmpty() || decimals.length() > 3
        ? -1
        : digits((decimals + "00").substring(0, 3));
  }

  /** The number these digits are; a very large one when they are many, -1 when they are none. */
  private static long digits(String text) {
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = Math.min(value * 10 + (c - '0'), MOST);
    }
    return text.isEmpty() ? -1 : value;
  }
}
