package io.cellrouter.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MixTest {
  private static final Pace.Due STEADY = new Pace.Due(0, false);
  private static final List<String> CELLS = List.of("1", "2", "3");

  private static List<Shot> shots(boolean keys, long seed, Pace.Due due) {
    Mix mix = new Mix(CELLS, keys, new SplittableRandom(seed));
    return IntStream.range(0, 10_000).mapToObj(i -> mix.next(due)).toList();
  }

  private static Map<Kind, Long> byKind(List<Shot> shots) {
    return shots.stream().collect(Collectors.groupingBy(Shot::kind, Collectors.counting()));
  }

  @Test
  void holdsEveryKindInItsShare() {
    Map<Kind, Long> count = byKind(shots(true, 1, STEADY));

    assertEquals(
        Set.of(
            Kind.NORMAL,
            Kind.SKEWED,
            Kind.INVALID_CELL,
            Kind.MALFORMED,
            Kind.MISSING_KEY,
            Kind.WRONG_KEY,
            Kind.IMPATIENT),
        count.keySet());
    assertEquals(5_000, count.get(Kind.NORMAL), 250);
    assertEquals(400, count.get(Kind.WRONG_KEY), 100);
  }

  @Test
  void leavesKeysAloneWhereTheRouterAsksForNone() {
    Map<Kind, Long> count = byKind(shots(false, 1, STEADY));

    assertTrue(
        !count.containsKey(Kind.MISSING_KEY) && !count.containsKey(Kind.WRONG_KEY),
        count.toString());
  }

  @Test
  void sendsNothingButBurstsForWhatABurstAdds() {
    assertEquals(
        Set.of(Kind.BURST), byKind(shots(true, 1, new Pace.Due(9_500_000_000L, true))).keySet());
  }

  @Test
  void turnsTheHotCellEveryMinute() {
    Function<Long, Map<String, Long>> skewedAt =
        at ->
            shots(false, 1, new Pace.Due(at, false)).stream()
                .filter(shot -> shot.kind() == Kind.SKEWED)
                .collect(Collectors.groupingBy(Shot::cell, Collectors.counting()));
    Map<String, Long> first = skewedAt.apply(0L);
    Map<String, Long> second = skewedAt.apply(60_000_000_000L);

    assertTrue(first.get("1") > 5 * first.get("2"), first.toString());
    assertTrue(second.get("2") > 5 * second.get("1"), second.toString());
  }

  @Test
  void repeatsItselfWithTheSameSeedOnly() {
    Function<Long, List<String>> bodies =
        seed ->
            shots(true, seed, STEADY).stream()
                .map(shot -> shot.kind() + new String(shot.body(), StandardCharsets.UTF_8))
                .toList();

    assertEquals(bodies.apply(5L), bodies.apply(5L));
    assertNotEquals(bodies.apply(5L), bodies.apply(6L));
  }

  @Test
  void doesNotNameARealCellAsAnInvalidOne() {
    for (Shot shot : shots(false, 1, STEADY)) {
      String body = new String(shot.body(), StandardCharsets.UTF_8);
      assertTrue(
          shot.kind() != Kind.INVALID_CELL
              || CELLS.stream().noneMatch(cell -> body.contains('"' + cell + '"')),
          body);
    }
  }
}
