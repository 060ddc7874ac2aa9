package io.cellrouter.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArrivalsTest {
  private final Arrivals arrivals = new Arrivals(2);
  private final List<String> cut = new ArrayList<>();

  /** A request that never comes to its end. */
  private Thread dawdles(String name) throws InterruptedException {
    return dawdles(name, () -> {});
  }

  private Thread dawdles(String name, Runnable before) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Thread thread =
        Thread.ofVirtual()
            .start(
                () ->
                    arrivals.during(
                        () -> {
                          before.run();
                          begun.countDown();
                          try {
                            Thread.sleep(Long.MAX_VALUE);
                          } catch (InterruptedException e) {
                            cut.add(name);
                          }
                        }));
    begun.await();
    return thread;
  }

  @Test
  void theOldestIsCutForANewOne() throws InterruptedException {
    Thread first = dawdles("first");
    Thread second = dawdles("second");
    dawdles("third");
    first.join();
    dawdles("fourth");
    second.join();

    assertEquals(List.of("first", "second"), cut);
    assertEquals(2, arrivals.cut());
  }

  @Test
  void whoHasBeenAnsweredIsCutBeforeWhoMayStillBeServed() throws InterruptedException {
    dawdles("first");
    Thread refused = dawdles("refused", arrivals::answered);
    dawdles("third");
    refused.join();

    assertEquals(List.of("refused"), cut);
    assertEquals(1, arrivals.cut());
  }

  @Test
  void whatHasArrivedIsNotAmongThem() throws InterruptedException {
    arrivals.during(
        () -> {
          arrivals.arrived();
          try {
            dawdles("first");
            dawdles("second");
            dawdles("third").isAlive();
          } catch (InterruptedException e) {
            throw new AssertionError("cut though it had arrived", e);
          }
        });

    assertEquals(1, arrivals.cut());
  }

  @Test
  void oneThatWasCutAsItsLastByteCameGoesOn() {
    arrivals.during(
        () -> {
          try {
            dawdles("first");
            Thread second = dawdles("second");
            assertTrue(second.isAlive());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          arrivals.arrived();
          assertFalse(Thread.currentThread().isInterrupted());
        });

    assertEquals(1, arrivals.cut());
  }

  @ParameterizedTest
  @CsvSource({"1000000, 16", "47000000, 65", "94000000, 130", "537000000, 745"})
  void areAsManyAsAQuarterOfTheHeapHolds(long heap, int most) {
    assertEquals(most, Arrivals.forHeap(heap));
  }
}
