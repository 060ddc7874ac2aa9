package io.cellrouter.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
  private static final long SECOND = 1_000_000_000;

  private static List<Pace.Due> seconds(int rate, int count) {
    Pace pace = new Pace(rate);
    return Stream.generate(pace::next).takeWhile(due -> due.atNanos() < count * SECOND).toList();
  }

  private static double within(List<Pace.Due> all, int second) {
    return all.stream().filter(due -> due.atNanos() / SECOND == second).count();
  }

  @Test
  void sendsTheRateSteadilyAndThriceAsMuchInTheLastSecondOfTen() {
    List<Pace.Due> all = seconds(200, 20);

    assertEquals(200, within(all, 0));
    assertEquals(200, within(all, 8));
    assertEquals(600, within(all, 9), 1);
    assertEquals(200, within(all, 10), 1);
    assertEquals(600, within(all, 19), 1);
  }

  @Test
  void marksOnlyWhatTheBurstAdds() {
    List<Pace.Due> all = seconds(200, 10);

    assertEquals(400.0, (double) all.stream().filter(Pace.Due::burst).count(), 1);
    assertTrue(all.stream().filter(Pace.Due::burst).allMatch(due -> due.atNanos() >= 9 * SECOND));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 1_700, 4_000, 5_000})
  void neverExceedsTheHighestRate(int rate) {
    List<Pace.Due> all = seconds(rate, 10);

    for (int second = 0; second < 10; second++) {
      // One more at most: the first of a second may stand on its border.
      assertTrue(within(all, second) <= Pace.MAX_RATE + 1, "second " + second);
    }
    assertEquals(rate, within(all, 0), 1);
  }
}
