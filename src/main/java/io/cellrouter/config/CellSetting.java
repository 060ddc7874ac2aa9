package io.cellrouter.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Every setting a cell has besides its URLs, name, state and share.
 *
 * <p>Each may stand in five places; a later one wins: the default here, {@code CELL_<NAME>} in the
 * environment, {@code defaults.<key>} in the file, {@code cells.<id>.<key>} there, {@code
 * NGINX_<id>_<NAME>} in the environment. The README's table is this list; a test compares the two.
 */
public enum CellSetting {
  MAX_IN_FLIGHT(
      ValueKind.COUNT,
      1,
      100_000,
      "requests",
      "256",
      "Bulkhead: requests in flight to the cell (503 `bulkhead_full` above it)."),
  MAX_WAIT(
      ValueKind.SECONDS,
      0,
      5,
      "s",
      "0",
      "How long a request may wait for one in flight to finish before it is refused."),
  ADAPTIVE(
      ValueKind.FLAG,
      "false",
      "Whether the limit follows the cell's latency, from `min_in_flight` to `max_in_flight`."),
  MIN_IN_FLIGHT(ValueKind.COUNT, 1, 100_000, "requests", "4", "Floor of the adaptive limit."),
  BREAKER(
      ValueKind.FLAG,
      "true",
      "Whether the cell has a circuit breaker (503 `breaker_open` while it is open)."),
  BREAKER_WINDOW(ValueKind.SECONDS, 1, 300, "s", "10", "Time over which outcomes are counted."),
  BREAKER_MIN_REQUESTS(
      ValueKind.COUNT,
      1,
      100_000,
      "requests",
      "20",
      "Outcomes in the window below which the breaker stays closed."),
  BREAKER_FAILURE_RATE(
      ValueKind.NUMBER,
      0.01,
      1,
      "",
      "0.5",
      "Share of failures (refused, reset, timed out) from which it opens."),
  BREAKER_FAILURE_STATUSES(
      ValueKind.STATUSES, "", "Answers that count as failures too, e.g. `500-599` or `503`."),
  BREAKER_SLOW_AFTER(
      ValueKind.SECONDS, 0, 3_600, "s", "0", "Answers that take longer are slow; 0: none is."),
  BREAKER_SLOW_RATE(
      ValueKind.NUMBER, 0.01, 1, "", "0.8", "Share of slow answers from which it opens."),
  BREAKER_OPEN(
      ValueKind.SECONDS,
      0.05,
      3_600,
      "s",
      "5",
      "How long it stays open; doubled each time in a row, give or take 20 %."),
  BREAKER_OPEN_MAX(ValueKind.SECONDS, 0.05, 3_600, "s", "60", "Where that doubling ends."),
  BREAKER_TRIALS(
      ValueKind.COUNT,
      1,
      1_000,
      "requests",
      "3",
      "Requests let through at once while half open; all must succeed to close it."),
  RETRY_ATTEMPTS(
      ValueKind.COUNT,
      1,
      5,
      "attempts",
      "2",
      "Attempts in all at what the cell cannot have seen, or may see twice; 1: no retry."),
  RETRY_IDEMPOTENT(
      ValueKind.FLAG,
      "false",
      "Whether the cell honours `Idempotency-Key`, so that a POST with one may be sent again."),
  RETRY_BASE(
      ValueKind.SECONDS,
      0,
      10,
      "s",
      "0.025",
      "Back-off: retry n waits a random time up to this × 2ⁿ⁻¹."),
  RETRY_BUDGET(
      ValueKind.NUMBER,
      0,
      1,
      "",
      "0.2",
      "Share of the cell's requests in flight that may be retries."),
  RETRY_BUDGET_LEAST(
      ValueKind.COUNT, 0, 1_000, "retries", "3", "Retries that may always be under way."),
  EJECT_AFTER(
      ValueKind.COUNT,
      1,
      1_000,
      "failures",
      "5",
      "Failures in a row after which one endpoint of several gets no requests."),
  EJECT(ValueKind.SECONDS, 0.05, 3_600, "s", "30", "How long; times the number of times in a row."),
  EJECT_MAX(ValueKind.SECONDS, 0.05, 86_400, "s", "300", "Where that ends."),
  RATE(
      ValueKind.NUMBER_OR_ZERO,
      0.001,
      1e6,
      "requests/s",
      "0",
      "Requests a second to the cell, over all clients and replicas (429 above it); 0: no limit."),
  BURST(
      ValueKind.NUMBER_OR_ZERO,
      1,
      1e7,
      "requests",
      "0",
      "Requests to the cell at once; 0: as many as in one second."),
  CLIENT_RATE(
      ValueKind.NUMBER_OR_ZERO,
      0.001,
      1e6,
      "requests/s",
      "0",
      "Requests a second of each client to the cell, over all replicas (429 above it); 0: no limit."),
  CLIENT_BURST(
      ValueKind.NUMBER_OR_ZERO,
      1,
      1e7,
      "requests",
      "0",
      "Requests of each client to the cell at once; 0: as many as in one second.");

  private final String key = name().toLowerCase(Locale.ROOT);
  private final ValueKind kind;
  private final double least;
  private final double most;
  private final String unit;
  private final String defaultValue;
  private final String meaning;

  CellSetting(
      ValueKind kind, double least, double most, String unit, String defaultValue, String meaning) {
    this.kind = kind;
    this.least = least;
    this.most = most;
    this.unit = unit;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
  }

  CellSetting(ValueKind kind, String defaultValue, String meaning) {
    this(kind, 0, 0, "", defaultValue, meaning);
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
    return kind.range(least, most);
  }

  /** Of the number, {@code s} for times; may be empty. */
  public String unit() {
    return unit;
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

  /**
   * The value in force, as {@link #parse} yields it. A switch rather than a function for each: what
   * makes a lambda at its first use would show in the time to the first answer.
   */
  Object of(CellPolicy policy) {
    return switch (this) {
      case MAX_IN_FLIGHT -> policy.bulkhead().most();
      case MAX_WAIT -> policy.bulkhead().maxWait();
      case ADAPTIVE -> policy.bulkhead().adaptive();
      case MIN_IN_FLIGHT -> policy.bulkhead().least();
      case BREAKER -> policy.breaker().enabled();
      case BREAKER_WINDOW -> policy.breaker().window();
      case BREAKER_MIN_REQUESTS -> policy.breaker().minRequests();
      case BREAKER_FAILURE_RATE -> policy.breaker().failureRate();
      case BREAKER_FAILURE_STATUSES -> policy.breaker().failureStatuses();
      case BREAKER_SLOW_AFTER -> policy.breaker().slowAfter();
      case BREAKER_SLOW_RATE -> policy.breaker().slowRate();
      case BREAKER_OPEN -> policy.breaker().open();
      case BREAKER_OPEN_MAX -> policy.breaker().openMost();
      case BREAKER_TRIALS -> policy.breaker().trials();
      case RETRY_ATTEMPTS -> policy.retry().attempts();
      case RETRY_IDEMPOTENT -> policy.retry().idempotent();
      case RETRY_BASE -> policy.retry().base();
      case RETRY_BUDGET -> policy.retry().budget();
      case RETRY_BUDGET_LEAST -> policy.retry().budgetLeast();
      case EJECT_AFTER -> policy.ejection().failures();
      case EJECT -> policy.ejection().first();
      case EJECT_MAX -> policy.ejection().longest();
      case RATE -> policy.rate().perSecond();
      case BURST -> policy.rate().burst();
      case CLIENT_RATE -> policy.clientRate().perSecond();
      case CLIENT_BURST -> policy.clientRate().burst();
    };
  }

  /**
   * The value; or nothing, once the consumer has the end of a sentence that begins with its name.
   */
  Optional<Object> parse(String text, Consumer<String> problems) {
    return Optional.of(text).flatMap(given -> kind.parse(given, least, most).orTell(problems));
  }

  /** The value with its unit, for sentences. */
  String inWords(Object value) {
    String written = written(value);
    return switch (written) {
      case "" -> "none";
      case "true" -> "on";
      case "false" -> "off";
      case "0" -> zero();
      default -> withUnit(written);
    };
  }

  private String zero() {
    return switch (this) {
      case RATE, CLIENT_RATE -> "no limit";
      case BURST, CLIENT_BURST -> "none";
      case BREAKER_SLOW_AFTER -> "off";
      default -> withUnit("0");
    };
  }

  private String withUnit(String written) {
    return unit.isEmpty() ? written : written + " " + unit;
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
