package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

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
    int first = taken(shedder, 0);
    assertEquals(45, first, "half of the 90 for normal priority");
    int second = taken(shedder, 0);
    assertEquals(23, second);
    assertTrue(taken(shedder, 0) >= 11, "and there is room for the next");
  }

  @Test
  void aBusyCellIsNotRefusedBecauseAnotherHangs() {
    LoadShedder shedder = new LoadShedder(1_000);
    assertEquals(450, taken(shedder, 0));
    assertTrue(shedder.enter(Priority.NORMAL));
    assertFalse(shedder.isCrowdedBy(Priority.NORMAL, 200, 100), "however many cells there are");
    assertFalse(shedder.isCrowdedBy(Priority.NORMAL, 900, 1), "a single cell crowds nobody");
  }

  /** Places that a cell which never gives one back gets. */
  private static int taken(LoadShedder shedder, int held) {
    int now = held;
    while (true) {
      assertTrue(shedder.enter(Priority.NORMAL));
      if (shedder.isCrowdedBy(Priority.NORMAL, now, 3)) {
        shedder.leave();
        return now;
      }
      now++;
    }
  }

  private static int entered(LoadShedder shedder, Priority priority) {
    int entered = 0;
    while (shedder.enter(priority)) {
      entered++;
    }
    return entered;
  }
}
