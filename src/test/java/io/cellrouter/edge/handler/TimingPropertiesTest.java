package io.cellrouter.edge.handler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.forward.Deadline;
import io.cellrouter.support.FakeClock;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * The deadline given to a cell never exceeds the client's, nor the router's, whatever was asked in
 * which spelling and whenever an attempt begins. In exact decimals beside the code's own way.
 */
class TimingPropertiesTest {
  private static final BigDecimal NANOS = new BigDecimal("1e9");

  @Property(tries = 5_000)
  void noAttemptIsToldMoreThanIsLeftOfWhatTheClientGave(
      @ForAll("times") String asked,
      @ForAll @IntRange(min = 1, max = 120_000) int mostMillis,
      @ForAll("pauses") @Size(min = 1, max = 6) List<Long> pauses) {
    FakeClock clock = new FakeClock();
    Deadline deadline = timing(asked, clock, Duration.ofMillis(mostMillis)).deadline();
    BigDecimal left = seconds(asked).min(BigDecimal.valueOf(mostMillis, 3));
    for (long pause : pauses) {
      clock.advance(pause);
      left = left.subtract(new BigDecimal(pause).divide(NANOS));

      assertEquals(milliseconds(left), deadline.told(clock.getAsLong()), left + " s are left");
    }
  }

  @Property
  void withoutAnythingAskedItIsTheRoutersOwn(
      @ForAll @IntRange(min = 1, max = 120_000) int mostMillis) {
    FakeClock clock = new FakeClock();
    Duration most = Duration.ofMillis(mostMillis);
    Deadline deadline = Timing.of(List.of(), clock.getAsLong(), most).orElseThrow().deadline();

    assertEquals(most.toNanos(), deadline.remainingNanos(clock.getAsLong()));
  }

  @Property
  void itHasPassedWhenTheClientsTimeHas(@ForAll @IntRange(min = 1, max = 90_000) int millis) {
    FakeClock clock = new FakeClock();
    Deadline deadline = timing(millis + "ms", clock, Duration.ofSeconds(60)).deadline();
    clock.advance(Duration.ofMillis(Math.min(millis, 60_000)).minusNanos(1));
    assertEquals(1, deadline.remainingNanos(clock.getAsLong()));
    assertTrue(deadline.told(clock.getAsLong()).isEmpty());
    clock.advance(1);
    assertEquals(0, deadline.remainingNanos(clock.getAsLong()));
    clock.advance(1_000);
    assertEquals(0, deadline.remainingNanos(clock.getAsLong()));
  }

  @Example
  void isToldInSecondsWithThreeDecimalsCutOff() {
    assertEquals(Optional.empty(), new Deadline(999_999).told(0));
    assertEquals(Optional.of("0.001"), new Deadline(1_999_999).told(0));
    assertEquals(Optional.of("1.050"), new Deadline(1_050_999_999).told(0));
    assertEquals(Optional.of("29.999"), new Deadline(29_999_999_999L).told(0));
    assertEquals(Optional.empty(), new Deadline(-1).told(0));
  }

  private static Timing timing(String asked, FakeClock clock, Duration most) {
    return Timing.of(List.of(asked), clock.getAsLong(), most).orElseThrow();
  }

  private static BigDecimal seconds(String asked) {
    return asked.endsWith("ms")
        ? new BigDecimal(asked.substring(0, asked.length() - 2)).movePointLeft(3)
        : new BigDecimal(asked);
  }

  /** Empty below one. */
  private static Optional<String> milliseconds(BigDecimal seconds) {
    BigDecimal cut = seconds.setScale(3, RoundingMode.DOWN);
    return cut.signum() > 0 ? Optional.of(cut.toPlainString()) : Optional.empty();
  }

  /** Up to a million seconds, in each spelling: 1500ms, 2, 2.5, 2.50, 2.500, 007.05. */
  @Provide
  Arbitrary<String> times() {
    Arbitrary<Long> millis =
        Arbitraries.frequencyOf(
            Tuple.of(8, Arbitraries.longs().between(1, 130_000)),
            Tuple.of(1, Arbitraries.longs().between(1, 1_000_000_000)));
    return millis.flatMap(
        given ->
            Arbitraries.of(
                given + "ms",
                "00" + given + "ms",
                BigDecimal.valueOf(given, 3).toPlainString(),
                "0" + BigDecimal.valueOf(given, 3).toPlainString(),
                BigDecimal.valueOf(given / 10 + 1, 2).toPlainString(),
                BigDecimal.valueOf(given / 100 + 1, 1).toPlainString(),
                Long.toString(given / 1_000 + 1)));
  }

  /** Nanoseconds between attempts: none, a few, up to a minute. */
  @Provide
  Arbitrary<List<Long>> pauses() {
    return Arbitraries.oneOf(
            Arbitraries.longs().between(0, 2_000_000),
            Arbitraries.longs().between(0, 2_000_000_000),
            Arbitraries.longs().between(0, 60_000_000_000L))
        .list();
  }
}
