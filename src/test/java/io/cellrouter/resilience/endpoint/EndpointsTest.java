package io.cellrouter.resilience.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
  private static final CellPolicy.Ejection POLICY =
      new CellPolicy.Ejection(5, Duration.ofSeconds(30), Duration.ofSeconds(300));

  /** Not at zero, and about to overflow: only differences of the clock may count. */
  private long now = Long.MAX_VALUE - Duration.ofSeconds(40).toNanos();

  private final List<Duration> ejected = new ArrayList<>();
  private final Random random = new Random(7);
  private final Endpoints endpoints =
      new Endpoints(
          () -> now,
          random,
          (address, failures, duration) -> ejected.add(duration),
          new AtomicLong());

  @Test
  void withoutAPlaceThereIsNothingToTake() {
    assertTrue(endpoints.take().isEmpty());
  }

  @Test
  void fiveFailuresInARowEjectForThirtySeconds() {
    places(2);
    fail("a0:80", 4);
    assertEquals(Set.of(), out());
    fail("a0:80", 1);

    assertEquals(Set.of("a0:80"), out());
    assertEquals(List.of(Duration.ofSeconds(30)), ejected);
    assertEquals(1, endpoints.ejections());
    assertEquals(Set.of("a1:80"), takenIn(200));
    pass(Duration.ofSeconds(30).minusNanos(1));
    assertEquals(Set.of("a0:80"), out());
    pass(Duration.ofNanos(1));
    assertEquals(Set.of(), out());
    assertEquals(Set.of("a0:80", "a1:80"), takenIn(200));
  }

  @Test
  void anAnswerBetweenFailuresBeginsTheRowAnew() {
    places(2);
    for (int i = 0; i < 20; i++) {
      fail("a0:80", 4);
      answer("a0:80");
    }
    assertEquals(Set.of(), out());
  }

  @Test
  void whatIsToldOfNothingCountsNeitherWay() {
    places(2);
    fail("a0:80", 4);
    use("a0:80").close();
    fail("a0:80", 1);
    assertEquals(Set.of("a0:80"), out());
  }

  @Test
  void eachEjectionInARowLastsThirtySecondsLongerUpToThreeHundred() {
    places(2);
    for (int i = 0; i < 12; i++) {
      fail("a0:80", 5);
      pass(ejected.getLast().plusSeconds(1));
    }
    assertEquals(
        List.of(30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300),
        ejected.stream().map(each -> Math.toIntExact(each.toSeconds())).toList());
  }

  @Test
  void aPlaceThatHasBeenBackForAsLongAsItWasAwayStartsAgain() {
    places(2);
    fail("a0:80", 5);
    pass(Duration.ofSeconds(30));
    fail("a0:80", 5);
    pass(Duration.ofSeconds(60 + 60)); // Away for 60, back for 60.
    fail("a0:80", 5);
    assertEquals(
        List.of(Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(30)), ejected);
  }

  @Test
  void failuresOfExchangesThatWereUnderWayDoNotProlongAnEjection() {
    places(2);
    List<Endpoints.Use> underWay = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      underWay.add(use("a0:80"));
    }
    underWay.forEach(each -> each.failed(POLICY));
    underWay.forEach(Endpoints.Use::close);
    assertEquals(1, ejected.size());
    pass(Duration.ofSeconds(30));
    assertEquals(Set.of(), out());
  }

  @Test
  void anAnswerToARequestFromBeforeDoesNotEndAnEjection() {
    places(2);
    Endpoints.Use early = use("a0:80");
    fail("a0:80", 5);
    early.answered();
    early.close();
    assertEquals(Set.of("a0:80"), out());
  }

  @Test
  void theLastOneIsSparedAndAllAreUsedThen() {
    places(3);
    fail("a0:80", 5);
    fail("a1:80", 5);
    fail("a2:80", 50);

    assertEquals(Set.of("a0:80", "a1:80"), out());
    assertEquals(Set.of("a0:80", "a1:80", "a2:80"), takenIn(300));
  }

  @Test
  void whileAllAreUsedAnAnswerOfAnEjectedOneBringsItBackAndTheSparedOneIsLeftOut() {
    places(2);
    fail("a0:80", 5);
    fail("a1:80", 5);
    assertEquals(Set.of("a0:80"), out());

    answer("a0:80");

    assertEquals(Set.of(), out(), "one is back, the other was spared");
    assertEquals(Set.of("a0:80"), takenIn(200));
    pass(Duration.ofSeconds(30));
    assertEquals(Set.of("a0:80", "a1:80"), takenIn(200), "the spared one is tried again");
  }

  @Test
  void aSparedPlaceThatAnswersIsAsGoodAsBefore() {
    places(2);
    fail("a0:80", 5);
    fail("a1:80", 5);
    answer("a1:80");
    assertEquals(Set.of("a1:80"), takenIn(200));
  }

  @Test
  void theLessBusyOfTwoIsTaken() {
    places(2);
    List<Endpoints.Use> uses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      uses.add(endpoints.take().orElseThrow());
    }
    assertEquals(List.of(50, 50), endpoints.list().stream().map(Endpoints.View::inFlight).toList());
    uses.forEach(Endpoints.Use::close);
    assertEquals(List.of(0, 0), endpoints.list().stream().map(Endpoints.View::inFlight).toList());
  }

  @Test
  void ofManyEachIsTakenAboutAsOften() {
    places(5);
    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      try (Endpoints.Use use = endpoints.take().orElseThrow()) {
        taken.merge(use.target().address(), 1, Integer::sum);
      }
    }
    taken.values().forEach(each -> assertTrue(each > 1_800 && each < 2_200, taken.toString()));
  }

  @Test
  void aFurtherAttemptGoesElsewhereWhileThereIsAChoice() {
    places(3);
    for (int i = 0; i < 200; i++) {
      Endpoints.Use first = endpoints.take().orElseThrow();
      first.close();
      Endpoints.Use second = endpoints.takeOtherThan(first).orElseThrow();
      second.close();
      assertNotEquals(first.target(), second.target());
    }
    fail("a1:80", 5);
    fail("a2:80", 5);
    Endpoints.Use only = use("a0:80");
    only.close();
    endpoints
        .takeOtherThan(only)
        .ifPresent(
            again -> {
              again.close();
              assertEquals("a0:80", again.target().address(), "better than one that is ejected");
            });
  }

  @Test
  void placesThatStayKeepTheirState() {
    places(2);
    Endpoints.Use use = use("a1:80");
    fail("a0:80", 5);
    fail("a1:80", 4);

    endpoints.replace(List.of(target("new"), target("a1"), target("a0")));

    assertEquals(
        List.of(
            new Endpoints.View("new:80", false, 0),
            new Endpoints.View("a1:80", false, 1),
            new Endpoints.View("a0:80", true, 0)),
        endpoints.list());
    fail("a1:80", 1);
    assertEquals(Set.of("a0:80", "a1:80"), out());
    use.close();
  }

  @Test
  void aPlaceThatHasLeftIsNotEjected() {
    places(2);
    List<Endpoints.Use> underWay = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      underWay.add(use("a0:80"));
    }
    endpoints.replace(List.of(target("a1"), target("a2")));
    underWay.forEach(each -> each.failed(POLICY));
    underWay.forEach(Endpoints.Use::close);
    assertEquals(0, endpoints.ejections());
  }

  @Test
  void aPlaceThatComesBackIsWhatItWas() {
    places(3);
    Endpoints.Use use = use("a1:80");
    fail("a0:80", 5);
    fail("a1:80", 4);
    for (int i = 0; i < 5; i++) {
      endpoints.replace(List.of(target("a2"), target("b" + i)));
      assertEquals(Set.of(), out());
      pass(Duration.ofSeconds(5));
      places(3);
      assertEquals(Set.of("a0:80"), out());
      assertTrue(endpoints.list().contains(new Endpoints.View("a1:80", false, 1)));
    }
    fail("a1:80", 1);
    assertEquals(Set.of("a0:80", "a1:80"), out());
    endpoints.replace(List.of(target("a1"), target("a2")));
    use.close();
    assertTrue(endpoints.list().contains(new Endpoints.View("a1:80", true, 0)));
  }

  /** Of ten addresses a name gives three at a time; one is dead and stays out all the same. */
  @Test
  void answersThatRotateLetNoEjectionEnd() {
    int sent = 0;
    for (int second = 0; second < 300; second += 5) {
      endpoints.replace(
          List.of(
              target("a" + second / 5 % 10),
              target("a" + (second / 5 + 1) % 10),
              target("a" + (second / 5 + 2) % 10)));
      for (int i = 0; i < 30; i++) {
        try (Endpoints.Use use = endpoints.take().orElseThrow()) {
          if (use.target().address().equals("a0:80")) {
            sent++;
            use.failed(POLICY);
          } else {
            use.answered();
          }
        }
      }
      pass(Duration.ofSeconds(5));
    }
    assertTrue(sent > 0 && sent <= 5 * ejected.size() + 4, sent + " sent");
    assertTrue(ejected.size() <= 4, "each is longer than the last: " + ejected);
  }

  @Test
  void aPlaceThatComesBackLateIsANewOne() {
    places(2);
    fail("a0:80", 5);
    fail("a1:80", 4);
    endpoints.replace(List.of(target("a2")));
    pass(Duration.ofSeconds(61));
    places(3);
    assertEquals(Set.of(), out());
    fail("a1:80", 1);
    assertEquals(Set.of(), out());
    fail("a0:80", 5);
    assertEquals(Duration.ofSeconds(30), ejected.getLast());
  }

  @Test
  void noMoreThanSoManyThatHaveLeftAreRemembered() {
    List<Endpoints.Use> uses = new ArrayList<>();
    for (int i = 0; i <= Endpoints.MOST_DEPARTED + 1; i++) {
      endpoints.replace(List.of(target("a" + i)));
      uses.add(endpoints.take().orElseThrow());
    }
    endpoints.replace(List.of(target("a0"), target("a1")));
    assertEquals(
        List.of(new Endpoints.View("a0:80", false, 0), new Endpoints.View("a1:80", false, 1)),
        endpoints.list());
    uses.forEach(Endpoints.Use::close);
    assertTrue(endpoints.list().stream().allMatch(each -> each.inFlight() == 0));
  }

  @Test
  void whenAllThatIsLeftIsEjectedItIsUsed() {
    places(3);
    fail("a0:80", 5);
    fail("a1:80", 5);
    endpoints.replace(List.of(target("a0"), target("a1")));
    assertEquals(Set.of("a0:80", "a1:80"), takenIn(200));
    answer("a1:80");
    assertEquals(Set.of("a1:80"), takenIn(200));
  }

  /** Whatever happens: one is always left, times out are as long as they should be, counts end. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void holdsItsInvariantsThroughAnySequence(long seed) {
    Random chance = new Random(seed);
    places(1 + chance.nextInt(5));
    List<Endpoints.Use> underWay = new ArrayList<>();
    for (int step = 0; step < 5_000; step++) {
      Set<String> outBefore = out();
      int before = ejected.size();
      int action = chance.nextInt(10);
      if (action < 3) {
        underWay.add(endpoints.take().orElseThrow());
      } else if (action < 9 && !underWay.isEmpty()) {
        Endpoints.Use use = underWay.remove(chance.nextInt(underWay.size()));
        if (action < 7) {
          use.failed(POLICY);
        } else if (action < 8) {
          use.answered();
        }
        use.close();
      } else {
        pass(Duration.ofMillis(chance.nextInt(20_000)));
      }

      assertTrue(out().size() < endpoints.list().size(), "one is always left");
      if (ejected.size() > before) {
        Duration latest = ejected.getLast();
        assertEquals(0, latest.toSeconds() % 30, "whole times thirty seconds");
        assertTrue(latest.toSeconds() >= 30 && latest.toSeconds() <= 300, latest.toString());
        assertEquals(outBefore.size() + 1, out().size());
      }
      assertEquals(
          underWay.size(), endpoints.list().stream().mapToInt(Endpoints.View::inFlight).sum());
    }
    underWay.forEach(Endpoints.Use::close);
    assertTrue(endpoints.list().stream().allMatch(each -> each.inFlight() == 0));
    assertEquals(ejected.size(), endpoints.ejections());
    if (endpoints.list().size() == 1) {
      assertEquals(List.of(), ejected);
    } else {
      assertFalse(ejected.isEmpty());
    }
  }

  private void places(int count) {
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      targets.add(target("a" + i));
    }
    endpoints.replace(targets);
  }

  private static Target target(String host) {
    Cell cell = Cell.of(CellConfig.of("1", "one", URI.create("http://" + host)));
    return Target.asConfigured(cell.addresses().getFirst());
  }

  private void pass(Duration duration) {
    now += duration.toNanos();
  }

  private void fail(String address, int times) {
    for (int i = 0; i < times; i++) {
      try (Endpoints.Use use = use(address)) {
        use.failed(POLICY);
      }
    }
  }

  private void answer(String address) {
    try (Endpoints.Use use = use(address)) {
      use.answered();
    }
  }

  /** Draws until it is this one, keeping the others busy meanwhile. */
  private Endpoints.Use use(String address) {
    List<Endpoints.Use> others = new ArrayList<>();
    try {
      for (int i = 0; i < 1_000; i++) {
        Endpoints.Use use = endpoints.take().orElseThrow();
        if (use.target().address().equals(address)) {
          return use;
        }
        others.add(use);
      }
      throw new AssertionError(address + " is never taken");
    } finally {
      others.forEach(Endpoints.Use::close);
    }
  }

  private Set<String> out() {
    Set<String> out = new TreeSet<>();
    endpoints.list().stream()
        .filter(Endpoints.View::ejected)
        .forEach(each -> out.add(each.address()));
    return out;
  }

  private Set<String> takenIn(int times) {
    Set<String> taken = new TreeSet<>();
    for (int i = 0; i < times; i++) {
      try (Endpoints.Use use = endpoints.take().orElseThrow()) {
        taken.add(use.target().address());
      }
    }
    return taken;
  }
}
