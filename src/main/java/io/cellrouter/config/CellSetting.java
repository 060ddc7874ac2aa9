package io.cellrouter.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Every setting a cell has besides its URLs, name, state and share.
 *
 * <p>Each may stand in five places; a later one wins: the default here, {@code CELL_<NAME>} in the
 * environment, {@code defaults.<key>} in the file, {@code cells.<id>.<key>} there, {@code
 * NGINX_<id>_<NAME>} in the environment. The README's table is this list; a test compares the two.
 */
public enum CellSetting {
  MAX_IN_FLIGHT(
      ValueKind.count(1, 100_000, "requests"),
      "256",
      "Bulkhead: requests in flight to the cell (503 `bulkhead_full` above it).",
      policy -> policy.bulkhead().most()),
  MAX_WAIT(
      ValueKind.seconds(0, 5),
      "0",
      "How long a request may wait for one in flight to finish before it is refused.",
      policy -> policy.bulkhead().maxWait()),
  ADAPTIVE(
      ValueKind.onOrOff(),
      "false",
      "Whether the limit follows the cell's latency, from `min_in_flight` to `max_in_flight`.",
      policy -> policy.bulkhead().adaptive()),
  MIN_IN_FLIGHT(
      ValueKind.count(1, 100_000, "requests"),
      "4",
      "Floor of the adaptive limit.",
      policy -> policy.bulkhead().least()),
  BREAKER(
      ValueKind.onOrOff(),
      "true",
      "Whether the cell has a circuit breaker (503 `breaker_open` while it is open).",
      policy -> policy.breaker().enabled()),
  BREAKER_WINDOW(
      ValueKind.seconds(1, 300),
      "10",
      "Time over which outcomes are counted.",
      policy -> policy.breaker().window()),
  BREAKER_MIN_REQUESTS(
      ValueKind.count(1, 100_000, "requests"),
      "20",
      "Outcomes in the window below which the breaker stays closed.",
      policy -> policy.breaker().minRequests()),
  BREAKER_FAILURE_RATE(
      ValueKind.share(0.01),
      "0.5",
      "Share of failures (refused, reset, timed out) from which it opens.",
      policy -> policy.breaker().failureRate()),
  BREAKER_FAILURE_STATUSES(
      ValueKind.statuses(),
      "",
      "Answers that count as failures too, e.g. `500-599` or `503`.",
      policy -> policy.breaker().failureStatuses()),
  BREAKER_SLOW_AFTER(
      ValueKind.seconds(0, 3_600).zeroIs("off"),
      "0",
      "Answers that take longer are slow; 0: none is.",
      policy -> policy.breaker().slowAfter()),
  BREAKER_SLOW_RATE(
      ValueKind.share(0.01),
      "0.8",
      "Share of slow answers from which it opens.",
      policy -> policy.breaker().slowRate()),
  BREAKER_OPEN(
      ValueKind.seconds(0.05, 3_600),
      "5",
      "How long it stays open; doubled each time in a row, give or take 20 %.",
      policy -> policy.breaker().open()),
  BREAKER_OPEN_MAX(
      ValueKind.seconds(0.05, 3_600),
      "60",
      "Where that doubling ends.",
      policy -> policy.breaker().openMost()),
  BREAKER_TRIALS(
      ValueKind.count(1, 1_000, "requests"),
      "3",
      "Requests let through at once while half open; all must succeed to close it.",
      policy -> policy.breaker().trials()),
  RETRY_ATTEMPTS(
      ValueKind.count(1, 5, "attempts"),
      "2",
      "Attempts in all at what the cell cannot have seen, or may see twice; 1: no retry.",
      policy -> policy.retry().attempts()),
  RETRY_IDEMPOTENT(
      ValueKind.onOrOff(),
      "false",
      "Whether the cell honours `Idempotency-Key`, so that a POST with one may be sent again.",
      policy -> policy.retry().idempotent()),
  RETRY_BASE(
      ValueKind.seconds(0, 10),
      "0.025",
      "Back-off: retry n waits a random time up to this × 2ⁿ⁻¹.",
      policy -> policy.retry().base()),
  RETRY_BUDGET(
      ValueKind.share(0),
      "0.2",
      "Share of the cell's requests in flight that may be retries.",
      policy -> policy.retry().budget()),
  RETRY_BUDGET_LEAST(
      ValueKind.count(0, 1_000, "retries"),
      "3",
      "Retries that may always be under way.",
      policy -> policy.retry().budgetLeast()),
  EJECT_AFTER(
      ValueKind.count(1, 1_000, "failures"),
      "5",
      "Failures in a row after which one endpoint of several gets no requests.",
      policy -> policy.ejection().failures()),
  EJECT(
      ValueKind.seconds(0.05, 3_600),
      "30",
      "How long; times the number of times in a row.",
      policy -> policy.ejection().first()),
  EJECT_MAX(
      ValueKind.seconds(0.05, 86_400),
      "300",
      "Where that ends.",
      policy -> policy.ejection().longest()),
  RATE(
      ValueKind.rate(0.001, 1e6, "requests/s").zeroIs("no limit"),
      "0",
      "Requests a second to the cell, over all clients and replicas (429 above it); 0: no limit.",
      policy -> policy.rate().perSecond()),
  BURST(
      ValueKind.rate(1, 1e7, "requests").zeroIs("none"),
      "0",
      "Requests to the cell at once; 0: as many as in one second.",
      policy -> policy.rate().burst()),
  CLIENT_RATE(
      ValueKind.rate(0.001, 1e6, "requests/s").zeroIs("no limit"),
      "0",
      "The same for each client at this cell.",
      policy -> policy.clientRate().perSecond()),
  CLIENT_BURST(
      ValueKind.rate(1, 1e7, "requests").zeroIs("none"),
      "0",
      "The same for each client at this cell.",
      policy -> policy.clientRate().burst());

  private final String key = name().toLowerCase(Locale.ROOT);

  @SuppressWarnings("ImmutableEnumChecker") // Texts and a pure function.
  private final ValueKind kind;

  private final String defaultValue;
  private final String meaning;

  @SuppressWarnings("ImmutableEnumChecker") // A pure function.
  private final Function<CellPolicy, Object> reader;

  CellSetting(
      ValueKind kind, String defaultValue, String meaning, Function<CellPolicy, Object> reader) {
    this.kind = kind;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
    this.reader = reader;
  }

  /** Its name in the file and on {@code /cells}. */
  public String key() {
    return key;
  }

  /** As it would be written; may be empty. */
  public String defaultValue() {
    return defaultValue;
  }

  public String meaning() {
    return meaning;
  }

  /** What it may be, in words. */
  public String range() {
    return kind.range();
  }

  /** Of the number, {@code s} for times; may be empty. */
  public String unit() {
    return kind.unit();
  }

  /** The effective values of a policy by key, as JSON has them; times are seconds. */
  public static Map<String, Object> describe(CellPolicy policy) {
    Map<String, Object> described = new LinkedHashMap<>();
    for (CellSetting setting : values()) {
      described.put(setting.key, json(setting.of(policy)));
    }
    return described;
  }

  private static Object json(Object value) {
    return switch (value) {
      case Duration time -> number(Values.plain(time));
      case Double number -> number(Values.plain(number));
      case CellPolicy.StatusRange statuses -> written(statuses);
      default -> value;
    };
  }

  private static Number number(String plain) {
    if (plain.contains(".")) {
      return Double.valueOf(plain);
    }
    return Long.valueOf(plain);
  }

  /** The value in force, as {@link #parse} yields it. */
  Object of(CellPolicy policy) {
    return reader.apply(policy);
  }

  /** The value, or the end of a sentence that begins with the setting. */
  Optional<Object> parse(String text, Consumer<String> problems) {
    return Optional.of(text).flatMap(given -> kind.parser().apply(given).orTell(problems));
  }

  /** The value with its unit, for sentences. */
  String inWords(Object value) {
    String written = written(value);
    return switch (written) {
      case "" -> "none";
      case "true" -> "on";
      case "false" -> "off";
      case "0" -> kind.zero().isEmpty() ? withUnit(written) : kind.zero();
      default -> withUnit(written);
    };
  }

  private String withUnit(String written) {
    return kind.unit().isEmpty() ? written : written + " " + kind.unit();
  }

  /** As it would stand in the file. */
  static String written(Object value) {
    return switch (value) {
      case Duration time -> Values.plain(time);
      case Double number -> Values.plain(number);
      case CellPolicy.StatusRange(int first, int last) ->
          first > last ? "" : first == last ? Integer.toString(first) : first + "-" + last;
      default -> value.toString();
    };
  }
}
