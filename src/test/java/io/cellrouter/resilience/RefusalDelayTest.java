package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RefusalDelayTest {
  private static final long LONG = Duration.ofSeconds(30).toNanos();

  private final List<Long> slept = new ArrayList<>();

  private RefusalDelay delay(int millis, int most) {
    return new RefusalDelay(Duration.ofMillis(millis), most, slept::add);
  }

  @Test
  void holdsARefusalAsLongAsSet() throws InterruptedException {
    delay(500, 10).hold(20, LONG);
    assertEquals(List.of(500_000_000L), slept);
  }

  @Test
  void tellsAtOnceWhenNoneIsSet() throws InterruptedException {
    delay(0, 10).hold(20, LONG);
    assertEquals(List.of(), slept);
  }

  @Test
  void leavesTheCallerHalfOfItsTime() throws InterruptedException {
    delay(500, 10).hold(20, 100_000_000);
    assertEquals(List.of(50_000_000L), slept);
  }

  @Test
  void doesNotKeepALargeBody() throws InterruptedException {
    RefusalDelay delay = delay(500, 10);
    delay.hold(16 * 1_024 + 1, LONG);
    assertEquals(List.of(), slept);
    delay.hold(16 * 1_024, LONG);
    assertEquals(1, slept.size());
  }

  /** Each sleeper brings the next refusal, as if all came while the first is held. */
  @Test
  void holdsNoMoreThanThereIsRoomFor() throws InterruptedException {
    RefusalDelay[] delay = new RefusalDelay[1];
    delay[0] =
        new RefusalDelay(
            Duration.ofMillis(500),
            3,
            nanos -> {
              slept.add(nanos);
              delay[0].hold(20, LONG);
            });
    delay[0].hold(20, LONG);
    assertEquals(3, slept.size());
    delay[0].hold(20, LONG);
    assertEquals(6, slept.size(), "the first three are no longer held");
  }

  @Test
  void anInterruptedOneIsNotHeldForEver() throws InterruptedException {
    boolean[] interrupt = {true};
    RefusalDelay delay =
        new RefusalDelay(
            Duration.ofMillis(500),
            1,
            nanos -> {
              slept.add(nanos);
              if (interrupt[0]) {
                throw new InterruptedException();
              }
            });
    assertThrows(InterruptedException.class, () -> delay.hold(20, LONG));
    interrupt[0] = false;
    delay.hold(20, LONG);
    assertEquals(2, slept.size());
  }
}
