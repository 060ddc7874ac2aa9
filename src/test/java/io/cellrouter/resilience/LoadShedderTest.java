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
  void aCellHasItsPartOnceTheRouterIsHalfFull() {
    LoadShedder shedder = new LoadShedder(100);
    for (int i = 0; i < 50; i++) {
      assertTrue(shedder.enter(Priority.NORMAL));
    }
    assertFalse(shedder.isCrowdedBy(50, 4), "half of it may be one cell's");
    assertTrue(shedder.enter(Priority.NORMAL));
    assertTrue(shedder.isCrowdedBy(50, 4));
    assertTrue(shedder.isCrowdedBy(20, 4), "80 of 100 in four parts");
    assertFalse(shedder.isCrowdedBy(19, 4));
    assertFalse(shedder.isCrowdedBy(50, 1), "a single cell crowds nobody");
    assertFalse(shedder.isCrowdedBy(0, 1_000), "one request each, however many cells");
  }

  private static int entered(LoadShedder shedder, Priority priority) {
    int entered = 0;
    while (shedder.enter(priority)) {
      entered++;
    }
    return entered;
  }
}
