package io.cellrouter.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CellSettingTest {
  private static Optional<Object> parse(CellSetting setting, String text) {
    List<String> problems = new ArrayList<>();
    Optional<Object> value = setting.parse(text, problems::add);
    assertEquals(value.isEmpty() ? 1 : 0, problems.size(), setting + " " + text + problems);
    return value;
  }

  @ParameterizedTest
  @EnumSource(CellSetting.class)
  void takesItsRangeAndNothingBeyond(CellSetting setting) {
    Samples.of(setting).forEach(text -> assertTrue(parse(setting, text).isPresent(), text));
    assertTrue(parse(setting, "nonsense").isEmpty());
    Samples.range(setting)
        .ifPresent(
            range -> {
              BigDecimal step = new BigDecimal("0.0001");
              BigDecimal one = setting.unit().equals("s") ? step : BigDecimal.ONE;
              assertTrue(parse(setting, "-1").isEmpty());
              assertTrue(
                  parse(setting, new BigDecimal(range.most()).add(one).toPlainString()).isEmpty());
              BigDecimal below = new BigDecimal(range.least()).subtract(step);
              assertTrue(parse(setting, below.toPlainString()).isEmpty(), below.toPlainString());
              assertEquals(
                  range.orZero() || range.least().equals("0"), parse(setting, "0").isPresent());
            });
  }

  /** A part of the policy that no setting reads could neither be set, nor shown, nor compared. */
  @Test
  void everyPartOfAPolicyIsSetByOne() throws Exception {
    List<Object> parts = new ArrayList<>();
    leaves(CellPolicy.defaults(), parts);
    assertEquals(CellSetting.values().length, parts.size());

    for (CellSetting setting : CellSetting.values()) {
      CellValues values = new CellValues();
      if (setting == CellSetting.BURST || setting == CellSetting.CLIENT_BURST) {
        // No bucket without a rate.
        values.put(CellSetting.valueOf(setting.name().replace("BURST", "RATE")), 2.0);
      }
      CellPolicy before = values.policy();
      Object other = parse(setting, Samples.of(setting).getLast()).orElseThrow();
      values.put(setting, other);
      assertFalse(before.equals(values.policy()), setting.key());
      assertEquals(other, setting.of(values.policy()), setting.key());
    }
  }

  private static void leaves(Object value, List<Object> into) throws ReflectiveOperationException {
    if (!value.getClass().isRecord() || value instanceof CellPolicy.StatusRange) {
      into.add(value);
      return;
    }
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      leaves(component.getAccessor().invoke(value), into);
    }
  }

  @Test
  void aPolicyIsDescribedByItsEffectiveValues() {
    CellValues values = new CellValues();
    values.put(CellSetting.MAX_WAIT, Duration.ofMillis(250));
    values.put(CellSetting.BREAKER_FAILURE_STATUSES, new CellPolicy.StatusRange(503, 503));
    values.put(CellSetting.RATE, 12.5);
    Map<String, Object> described = CellSetting.describe(values.policy());

    assertEquals(
        Arrays.stream(CellSetting.values()).map(CellSetting::key).toList(),
        List.copyOf(described.keySet()));
    assertEquals(256, described.get("max_in_flight"));
    assertEquals(0.25, described.get("max_wait"));
    assertEquals(10L, described.get("breaker_window"));
    assertEquals("503", described.get("breaker_failure_statuses"));
    assertEquals(false, described.get("adaptive"));
    assertEquals(12.5, described.get("rate"));
    assertEquals(12.5, described.get("burst"), "a burst of 0 is one second's worth");
    assertEquals(0L, described.get("client_rate"));
  }

  /** The README says what a cell gets by default; these are the figures others rely on. */
  @Test
  void theDefaultsAreTheseFigures() {
    CellPolicy policy = CellPolicy.defaults();
    assertEquals(new CellPolicy.Bulkhead(256, Duration.ZERO, false, 4), policy.bulkhead());
    assertEquals(
        new CellPolicy.Breaker(
            true,
            Duration.ofSeconds(10),
            20,
            0.5,
            CellPolicy.StatusRange.NONE,
            Duration.ZERO,
            0.8,
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            3),
        policy.breaker());
    assertEquals(new CellPolicy.Retry(2, false, Duration.ofMillis(25), 0.2, 3), policy.retry());
    assertEquals(
        new CellPolicy.Ejection(5, Duration.ofSeconds(30), Duration.ofSeconds(300)),
        policy.ejection());
    Stream.of(policy.rate(), policy.clientRate())
        .forEach(rate -> assertEquals(CellPolicy.Rate.UNLIMITED, rate));
  }
}
