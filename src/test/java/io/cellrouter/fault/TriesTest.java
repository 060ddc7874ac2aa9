package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When the fault matrix forgives: an error of another cell's request is one of a router else. */
class TriesTest {
  private static final Machine QUIET = new Machine(Duration.ofMillis(300), 0.25, 0.1);
  private static final Machine STOOD_STILL = new Machine(Duration.ofMillis(301), 0, 0.1);
  private static final Machine CROWDED = new Machine(Duration.ZERO, 0.26, 0.1);

  /** The load came late, because the router took the CPUs. */
  private static final Machine EATEN = new Machine(Duration.ofSeconds(2), 0.1, 0.8);

  private static final AssertionError OTHERS = new AssertionError("of other cells: {1: 503=1}");

  private int tried;

  @Test
  void aMachineThatIsTheTrialsAloneForgivesNothing() {
    for (Machine machine : List.of(QUIET, EATEN)) {
      tried = 0;
      AssertionError thrown =
          assertThrows(AssertionError.class, () -> Tries.of("a fault", failingOn(machine)));
      assertSame(OTHERS, thrown);
      assertEquals(1, tried, () -> "begun anew although " + machine);
    }
  }

  @Test
  void aTrialThatFailedOnABusyMachineIsBegunAnewAndItIsCounted() throws Exception {
    for (Machine machine : List.of(STOOD_STILL, CROWDED)) {
      tried = 0;
      assertEquals(1, Tries.of("a fault", failingOn(machine, null)));
      assertEquals(2, tried);
    }
  }

  @Test
  void aTrialThatNeverHadTheMachineAloneIsRed() {
    Tries.DisturbedException thrown =
        assertThrows(
            Tries.DisturbedException.class,
            () -> Tries.of("a fault", failingOn(CROWDED, STOOD_STILL, CROWDED, null)));
    assertSame(OTHERS, thrown.getCause());
    assertEquals(Tries.MOST, tried);
  }

  @Test
  void whatFailsAfterOneThatWasForgivenCounts() {
    assertSame(
        OTHERS,
        assertThrows(
            AssertionError.class, () -> Tries.of("a fault", failingOn(CROWDED, QUIET, null))));
    assertEquals(2, tried);
  }

  @Test
  void aTrialThatHoldsDoesNotLookAtTheMachine() throws Exception {
    assertEquals(0, Tries.of("a fault", failingOn((Machine) null)));
  }

  @Test
  void eachConditionStandsForItself() {
    assertFalse(QUIET.disturbed(), QUIET::toString);
    assertTrue(STOOD_STILL.disturbed(), STOOD_STILL::toString);
    assertTrue(CROWDED.disturbed(), CROWDED::toString);
    assertFalse(EATEN.disturbed(), EATEN::toString);
  }

  /** Each try on the next of these machines fails; on none it holds. */
  private Tries.Trying failingOn(Machine... machines) {
    Deque<List<Machine>> left = new ArrayDeque<>();
    for (Machine machine : machines) {
      left.add(machine == null ? List.of() : List.of(machine));
    }
    return () -> {
      tried++;
      List<Machine> machine = left.removeFirst();
      Tries.judge(
          () -> {
            if (!machine.isEmpty()) {
              throw OTHERS;
            }
            return "a row";
          },
          machine::getFirst);
    };
  }
}
