package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShareTest {
  private static final int CLIENTS = 100_000;

  @Test
  void allAndNone() {
    for (int i = 0; i < 1_000; i++) {
      assertTrue(Share.admits(100, "1", "client-" + i));
      assertFalse(Share.admits(0, "1", "client-" + i));
    }
  }

  @Test
  void eachPercentAdmitsThatPartOfTheClientsGiveOrTakeHalfAPercent() {
    int[] places = new int[10_000];
    IntStream.range(0, CLIENTS).forEach(i -> places[Share.place("7", "10.0.0." + i)]++);
    int below = 0;
    for (int percent = 1; percent <= 100; percent++) {
      for (int place = (percent - 1) * 100; place < percent * 100; place++) {
        below += places[place];
      }
      assertEquals(percent / 100.0, below / (double) CLIENTS, 0.005);
    }
  }

  @Test
  void cellsAdmitDifferentClients() {
    long both =
        IntStream.range(0, CLIENTS)
            .mapToObj(i -> "client-" + i)
            .filter(client -> Share.admits(10, "1", client) && Share.admits(10, "2", client))
            .count();
    assertEquals(0.01, both / (double) CLIENTS, 0.002);
  }

  @Test
  void whereACellsNameEndsMakesADifference() {
    long same =
        IntStream.range(0, 1_000)
            .filter(i -> Share.place("1", "2-" + i) == Share.place("12", "-" + i))
            .count();
    assertTrue(same < 10, "of 1,000 are the same: " + same);
  }

  /** Replicas of two versions stand side by side during a roll-out, so this must not change. */
  @Test
  void placesAreTheSameInEveryVersion() {
    assertEquals(4_509, Share.place("1", "acme"));
    assertEquals(4_633, Share.place("eu", "nobody"));
  }
}
