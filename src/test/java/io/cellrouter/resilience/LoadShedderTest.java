package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadShedderTest {
  @Test
  void theLessImportantIsShedFirst() {
    LoadShedder shedder = new LoadShedder(10);
    assertEquals(7, entered(shedder, Priority.LOW));
    assertEquals(2, entered(shedder, Priority.NORMAL));
    assertFalse(shedder.enter(Priority.LOW));
    assertEquals(1, entered(shedder, Priority.HIGH));
    assertEquals(10, shedder.inFlight());
    shedder.leave();
    assertFalse(shedder.enter(Priority.NORMAL));
    assertTrue(shedder.enter(Priority.HIGH));
  }

  @Test
  void theSmallestRouterTakesOneOfEachKind() {
    for (Priority priority : Priority.values()) {
      assertTrue(new LoadShedder(1).enter(priority));
    }
  }

  @Test
  void withoutALimitItIsOneForEach100kBOfHeap() {
    assertEquals(64, LoadShedder.forHeap(1_000_000));
    assertEquals(1_200, LoadShedder.forHeap(120_000_000));
    assertEquals(100_000, LoadShedder.forHeap(64_000_000_000L));
    assertTrue(new LoadShedder(0).limit() >= 64);
  }

  @Test
  void anUnknownWordIsNormal() {
    assertEquals(Priority.HIGH, Priority.of(" High "));
    assertEquals(Priority.LOW, Priority.of("low"));
    assertEquals(Priority.NORMAL, Priority.of("urgent"));
    assertEquals(Priority.NORMAL, Priority.of(""));
  }

  @Test
  void aCellMayHoldAsManyPlacesAsAreLeftFree() {
    LoadShedder shedder = new LoadShedder(100);
    assertEquals(45, taken(shedder, 10), "half of the 90 for normal priority");
    assertEquals(23, taken(shedder, 10));
    assertEquals(11, taken(shedder, 10), "and there is room for the next");
    assertEquals(9, taken(shedder, 10), "which has its fair share, more than the half of 11");
  }

  @Test
  void aBusyCellIsNotRefusedBecauseAnotherHangs() {
    LoadShedder shedder = new LoadShedder(1_000);
    assertEquals(450, taken(shedder, 100));
    assertTrue(shedder.enter(Priority.NORMAL));
    assertFalse(shedder.isCrowdedBy(Priority.NORMAL, 200, 100), "however many cells there are");
    assertFalse(shedder.isCrowdedBy(Priority.NORMAL, 900, 1), "a single cell crowds nobody");
  }

  /** Several cells hang and hold all that their bulkheads allow. */
  @ParameterizedTest
  @CsvSource({
    "900, 3, 2, 236, 270",
    "900, 4, 3, 160, 202",
    "480, 6, 5, 60, 72",
    "900, 5, 1, 256, 277"
  })
  void aBusyCellGetsItsFairShareBesideSeveralThatHang(
      int most, int cells, int hung, int each, int expected) {
    LoadShedder shedder = new LoadShedder(most);
    for (int i = 0; i < hung * each; i++) {
      assertTrue(shedder.enter(Priority.NORMAL));
    }
    assertEquals(expected, taken(shedder, cells));
    assertTrue(expected >= Priority.NORMAL.ceiling(most) / cells);
  }

  /** The worst order: each has taken all it gets before the next begins. */
  @ParameterizedTest
  @CsvSource({"900, 3", "900, 5", "1200, 6", "640, 4", "100, 3"})
  void thereIsRoomForTheLastWhenAllTheOthersHang(int most, int cells) {
    LoadShedder shedder = new LoadShedder(most);
    for (int i = 1; i < cells; i++) {
      int before = Priority.NORMAL.ceiling(most) - shedder.inFlight();
      taken(shedder, cells);
      int after = Priority.NORMAL.ceiling(most) - shedder.inFlight();
      assertTrue(after >= before / 5, "of " + before + " are left " + after);
    }
    assertTrue(taken(shedder, cells) > 0);
  }

  /** Places that a cell which never gives one back gets. */
  private static int taken(LoadShedder shedder, int cells) {
    int held = 0;
    while (shedder.enter(Priority.NORMAL)) {
      if (shedder.isCrowdedBy(Priority.NORMAL, held, cells)) {
        shedder.leave();
        return held;
      }
      held++;
    }
    return held;
  }

  private static int entered(LoadShedder shedder, Priority priority) {
    int entered = 0;
    while (shedder.enter(priority)) {
      entered++;
    }
    return entered;
  }
}
