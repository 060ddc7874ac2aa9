package io.cellrouter.traffic;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TroublesTest {
  private static final long SECOND = Troubles.WAIT_NANOS;
  private static final long START = 7 * SECOND;

  private final Troubles troubles = new Troubles();

  @Test
  void aCellThatLetsARequestWaitForASecondTroublesTheOthersButNotItself() {
    troubles.sent("1", START);
    troubles.sent("2", START + SECOND / 2);

    assertFalse(troubles.elsewhere("2", START + SECOND - 1));
    assertTrue(troubles.elsewhere("2", START + SECOND));
    assertTrue(troubles.elsewhere("3", START + SECOND));
    assertFalse(troubles.elsewhere("1", START + SECOND));
  }

  @Test
  void theOldestCountsWhateverOfTheOthersWasAnswered() {
    troubles.sent("1", START);
    for (int i = 1; i <= 100; i++) {
      troubles.ended(troubles.sent("1", START + i), true, START + i + 1);
    }

    assertTrue(troubles.elsewhere("2", START + SECOND));
  }

  @Test
  void itIsOverWhenNoneWaitsAnyMore() {
    Troubles.Pending first = troubles.sent("1", START);
    Troubles.Pending second = troubles.sent("1", START + 1);

    troubles.ended(second, true, START + SECOND);
    assertTrue(troubles.elsewhere("2", START + SECOND));
    troubles.ended(first, true, START + SECOND + 1);
    assertFalse(troubles.elsewhere("2", START + SECOND + 1));
  }

  @Test
  void anUnexpectedAnswerTroublesTheOthersForASecond() {
    troubles.ended(troubles.sent("1", START), false, START);
    troubles.ended(troubles.sent("1", START), true, START + 1);

    assertTrue(troubles.elsewhere("2", START + SECOND - 1));
    assertFalse(troubles.elsewhere("1", START));
    assertFalse(troubles.elsewhere("2", START + SECOND));
  }
}
