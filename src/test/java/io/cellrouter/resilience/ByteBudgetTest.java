package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  private static final int FREE = 1_000;

  private final ByteBudget budget = new ByteBudget(100_000, FREE);

  @Test
  void coversAllOrNothingAndGivesItBack() {
    ByteLease first = budget.of("1").lease();
    assertTrue(first.covers(30_000));
    assertFalse(budget.of("1").lease().covers(30_000));
    ByteLease second = budget.of("1").lease();
    assertTrue(second.covers(20_000));
    assertEquals(50_000, budget.held());
    first.close();
    assertEquals(20_000, budget.held());
    second.close();
    assertEquals(0, budget.held());
  }

  @Test
  void takesOnlyWhatABodyGrowsBy() {
    try (ByteLease lease = budget.of("1").lease()) {
      assertTrue(lease.covers(20_000));
      assertTrue(lease.covers(40_000));
      assertTrue(lease.covers(30_000));
      assertEquals(40_000, budget.held());
      assertFalse(lease.covers(50_001));
      assertEquals(40_000, lease.held(), "what was covered stays so");
    }
  }

  @Test
  void largeBodiesDoNotKeepSmallOnesOut() {
    ByteBudget.Share share = budget.unassigned();
    assertTrue(share.lease().covers(50_000));
    ByteLease small = share.lease();
    assertTrue(small.covers(FREE));
    assertEquals(0, small.held());
    assertFalse(share.isFullFor(FREE));
    assertTrue(share.isFullFor(FREE + 1));
    assertFalse(small.covers(FREE + 1));
  }

  @Test
  void aBodyCountsForItsCellOnceThatIsKnown() {
    ByteLease body = budget.unassigned().lease();
    assertTrue(body.covers(30_000));
    assertTrue(body.movesTo(budget.of("1")));
    assertEquals(30_000, budget.held());
    assertFalse(budget.of("1").lease().covers(30_000), "the cell's part would be exceeded");
    assertTrue(budget.unassigned().lease().covers(30_000), "others' is not");
    body.close();
    assertEquals(30_000, budget.held());
    assertTrue(budget.of("1").lease().covers(30_000));
  }

  @Test
  void aBodyForACellThatHasItsPartIsNotTakenOn() {
    assertTrue(budget.of("1").lease().covers(45_000));
    ByteLease body = budget.unassigned().lease();
    assertTrue(body.covers(20_000));
    assertFalse(body.movesTo(budget.of("1")));
    assertEquals(65_000, budget.held());
    body.close();
    assertEquals(45_000, budget.held());
    assertTrue(budget.unassigned().lease().covers(27_500), "nothing of it is left behind");
  }

  @Test
  void aClosedLeaseTakesNothingAndGivesBackOnce() {
    ByteLease lease = budget.of("1").lease();
    assertTrue(lease.covers(50_000));
    lease.close();
    lease.close();
    assertFalse(lease.covers(50_000));
    assertFalse(lease.covers(1));
    assertEquals(0, budget.held());
  }

  /** An exchange is given up by one thread while the client's grows its answer on another. */
  @Test
  void nothingIsLostWhenItIsClosedWhileItGrows() throws Exception {
    ByteBudget.Share share = budget.of("1");
    try (ExecutorService grower = Executors.newSingleThreadExecutor()) {
      for (int i = 0; i < 5_000; i++) {
        ByteLease lease = share.lease();
        var grown =
            grower.submit(
                () -> {
                  for (int bytes = 2_000; lease.covers(bytes) && bytes < 40_000; bytes *= 2) {
                    Thread.onSpinWait();
                  }
                });
        lease.close();
        grown.get();
        assertEquals(0, budget.held());
      }
    }
    assertTrue(share.lease().covers(50_000), "nor of the cell's part");
  }

  @Test
  void aCellMayHoldAsMuchAsIsLeftFree() {
    assertEquals(50, units(budget.of("1")), "half");
    assertEquals(25, units(budget.of("2")), "half of the rest");
    assertEquals(12, units(budget.of("3")));
    assertEquals(6, units(budget.of("4")), "and there is room for a fourth");
  }

  @Test
  void aCellThatGivesBackMakesRoomForAll() {
    ByteBudget.Share hoards = budget.of("1");
    List<ByteLease> held = new ArrayList<>();
    while (true) {
      ByteLease lease = hoards.lease();
      if (!lease.covers(2_000)) {
        break;
      }
      held.add(lease);
    }
    assertEquals(25, held.size());
    held.forEach(ByteLease::close);
    assertEquals(0, budget.held());
    assertEquals(50, units(budget.of("2")));
  }

  /** Thousands of bytes that the share gives at most. */
  private static int units(ByteBudget.Share share) {
    ByteLease lease = share.lease();
    int units = 1;
    while (lease.covers((units + 1) * 1_000L)) {
      units++;
    }
    return units;
  }
}
