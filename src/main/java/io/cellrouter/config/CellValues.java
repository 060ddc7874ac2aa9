package io.cellrouter.config;

import io.cellrouter.config.CellPolicy.Bulkhead;
import io.cellrouter.config.CellPolicy.Ejection;
import io.cellrouter.config.CellPolicy.Retry;
import io.cellrouter.config.CellPolicy.StatusRange;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The settings given for one cell, or for all of them; what is not given has its default. */
final class CellValues {
  private final Map<CellSetting, Object> given = new EnumMap<>(CellSetting.class);

  void put(CellSetting setting, Object value) {
    given.put(setting, value);
  }

  /** Takes over what the other gives; it wins. */
  void putAll(CellValues other) {
    given.putAll(other.given);
  }

  /**
   * Tells which settings contradict each other. A default yields to what is given: with {@code
   * max_in_flight: 2} the floor, which is 4 if nobody says otherwise, is 2.
   */
  void settle(Consumer<String> problems) {
    ordered(CellSetting.MIN_IN_FLIGHT, CellSetting.MAX_IN_FLIGHT, problems);
    ordered(CellSetting.BREAKER_OPEN, CellSetting.BREAKER_OPEN_MAX, problems);
    ordered(CellSetting.EJECT, CellSetting.EJECT_MAX, problems);
  }

  private void ordered(CellSetting less, CellSetting more, Consumer<String> problems) {
    Object low = value(less);
    Object high = value(more);
    if (compare(low, high) <= 0) {
      return;
    }
    if (!given.containsKey(less)) {
      given.put(less, high);
    } else if (!given.containsKey(more)) {
      given.put(more, low);
    } else {
      problems.accept(
          less.key()
              + " ("
              + less.inWords(low)
              + ") must not be more than "
              + more.key()
              + " ("
              + more.inWords(high)
              + ")");
    }
  }

  private static int compare(Object low, Object high) {
    return low instanceof Duration time
        ? time.compareTo((Duration) high)
        : Integer.compare((Integer) low, (Integer) high);
  }

  CellPolicy policy() {
    return new CellPolicy(
        new Bulkhead(
            count(CellSetting.MAX_IN_FLIGHT),
            time(CellSetting.MAX_WAIT),
            flag(CellSetting.ADAPTIVE),
            count(CellSetting.MIN_IN_FLIGHT)),
        new CellPolicy.Breaker(
            flag(CellSetting.BREAKER),
            time(CellSetting.BREAKER_WINDOW),
            count(CellSetting.BREAKER_MIN_REQUESTS),
            number(CellSetting.BREAKER_FAILURE_RATE),
            (StatusRange) value(CellSetting.BREAKER_FAILURE_STATUSES),
            time(CellSetting.BREAKER_SLOW_AFTER),
            number(CellSetting.BREAKER_SLOW_RATE),
            time(CellSetting.BREAKER_OPEN),
            time(CellSetting.BREAKER_OPEN_MAX),
            count(CellSetting.BREAKER_TRIALS)),
        new Retry(
            count(CellSetting.RETRY_ATTEMPTS),
            flag(CellSetting.RETRY_IDEMPOTENT),
            time(CellSetting.RETRY_BASE),
            number(CellSetting.RETRY_BUDGET),
            count(CellSetting.RETRY_BUDGET_LEAST)),
        new Ejection(
            count(CellSetting.EJECT_AFTER), time(CellSetting.EJECT), time(CellSetting.EJECT_MAX)),
        Values.rate(number(CellSetting.RATE), number(CellSetting.BURST)),
        Values.rate(number(CellSetting.CLIENT_RATE), number(CellSetting.CLIENT_BURST)));
  }

  private int count(CellSetting setting) {
    return (Integer) value(setting);
  }

  private Duration time(CellSetting setting) {
    return (Duration) value(setting);
  }

  private double number(CellSetting setting) {
    return (Double) value(setting);
  }

  private boolean flag(CellSetting setting) {
    return (Boolean) value(setting);
  }

  private Object value(CellSetting setting) {
    return Optional.ofNullable(given.get(setting)).orElseGet(() -> defaultOf(setting));
  }

  private static Object defaultOf(CellSetting setting) {
    return setting
        .parse(
            setting.defaultValue(),
            problem -> {
              throw new IllegalStateException("default of " + setting + " " + problem);
            })
        .orElseThrow();
  }
}
