package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.config.LogLevel;
import io.cellrouter.support.FakeClock;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GateLogTest {
  private static final Duration QUICK = Duration.ofMillis(1);

  private final FakeClock clock = new FakeClock();
  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(logged);
  private final GateLog listener =
      new GateLog("3", new Log(LogLevel.INFO, Clock.systemUTC(), writer));
  private final Breaker breaker = new Breaker(clock, () -> 0.5, listener);

  private List<String> lines() {
    writer.close();
    return logged
        .toString(StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceFirst(".*\"level\":\"", "").replace("\",\"logger\":\"", " "))
        .map(line -> line.replace("\",\"message\":\"", " ").replace("\"}", ""))
        .toList();
  }

  private void ask(CellPolicy.Breaker policy, boolean failed, Duration took) {
    breaker.told(breaker.enter(policy), policy, failed, took.toNanos());
  }

  @Test
  void tellsHowManyFailedAndHowTheBreakerCameBack() {
    CellPolicy.Breaker policy = CellPolicy.defaults().breaker();
    for (int i = 0; i < 20; i++) {
      ask(policy, i >= 8, QUICK);
    }
    clock.advance(Duration.ofSeconds(5));
    ask(policy, true, QUICK);
    clock.advance(Duration.ofSeconds(10));
    for (int i = 0; i < 3; i++) {
      ask(policy, false, QUICK);
    }

    assertEquals(
        List.of(
            "WARN breaker cell 3: closed -> open: 12 of 20 requests in 10 s failed; for 5 s",
            "INFO breaker cell 3: open -> half_open",
            "WARN breaker cell 3: half_open -> open: a trial failed; for 10 s",
            "INFO breaker cell 3: open -> half_open",
            "INFO breaker cell 3: half_open -> closed: 3 trials succeeded"),
        lines());
  }

  @Test
  void tellsThatTheAnswersWereSlow() {
    for (int i = 0; i < 4; i++) {
      ask(Policies.breaker(), false, i == 0 ? QUICK : Duration.ofSeconds(2));
    }

    assertEquals(
        List.of(
            "WARN breaker cell 3: closed -> open: 3 of 4 requests in 10 s took longer than 0.1 s;"
                + " for 1 s"),
        lines());
  }

  @Test
  void aFullBulkheadIsToldOfAtOnceAndThenOnceAMinute() {
    RefusalCount refusals = new RefusalCount(clock, listener);
    for (int second = 0; second < 150; second++) {
      for (int i = 0; i < 10; i++) {
        refusals.refused(256);
      }
      clock.advance(Duration.ofSeconds(1));
    }

    String full = "WARN bulkhead cell 3: full with 256 in flight, further requests are refused; ";
    assertEquals(
        List.of(
            full + "1 since the last such line",
            full + "600 since the last such line",
            full + "600 since the last such line"),
        lines());
  }

  @Test
  void whatTheGateRefusesIsCounted() {
    CellGate gate = new CellGate(clock, () -> 0.5, () -> 1, listener);
    Cell cell = Policies.cell(Policies.of(Policies.bulkhead(1)));
    Caller caller = new Caller("a", "a", false);
    for (int i = 0; i < 3; i++) {
      gate.admit(cell, caller);
    }

    List<String> lines = lines();
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(lines.getFirst().contains("cell 3: full with 1 in flight"), lines.getFirst());
  }
}
