package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.cellrouter.config.CellPolicy.Rate;
import io.cellrouter.support.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
  private final FakeClock clock = new FakeClock();
  private final TokenBucket bucket = new TokenBucket(clock);

  @Test
  void givesItsBurstAtOnceAndThenItsRate() {
    Rate rate = new Rate(10, 3);
    assertEquals(3, takenOf(10, rate, 1));
    assertEquals(100_000_000L, bucket.take(rate, 1));
    clock.advance(Duration.ofMillis(99));
    assertEquals(1_000_000L, bucket.take(rate, 1));
    clock.advance(Duration.ofMillis(1));
    assertEquals(1, takenOf(10, rate, 1));
  }

  @Test
  void neverFillsAboveItsBurst() {
    Rate rate = new Rate(10, 3);
    takenOf(3, rate, 1);
    clock.advance(Duration.ofDays(400));
    assertEquals(3, takenOf(10, rate, 1));
  }

  @Test
  void lookingTakesNothing() {
    Rate rate = new Rate(1, 1);
    assertEquals(0, bucket.look(rate, 1));
    assertEquals(0, bucket.look(rate, 1));
    assertEquals(0, bucket.take(rate, 1));
    assertEquals(1_000_000_000L, bucket.look(rate, 1));
  }

  @Test
  void replicasShareRateAndBurst() {
    Rate rate = new Rate(100, 100);
    assertEquals(25, takenOf(200, rate, 4));
    clock.advance(Duration.ofMillis(40));
    assertEquals(1, takenOf(10, rate, 4));
  }

  @Test
  void eachReplicaHasABurstOfOneAtLeast() {
    Rate rate = new Rate(1, 1);
    assertEquals(1, takenOf(10, rate, 4));
    assertEquals(4_000_000_000L, bucket.look(rate, 4));
  }

  @Test
  void aFasterRateDoesNotWaitForTheDebtOfASlowerOne() {
    takenOf(1, new Rate(0.001, 1), 1);
    assertEquals(1_000_000L, bucket.look(new Rate(1000, 1), 1));
  }

  @Test
  void noLimitAsksNoBucket() {
    assertEquals(1_000, takenOf(1_000, Rate.UNLIMITED, 1));
    assertNull(bucket.describe("cell", Rate.UNLIMITED, 1));
  }

  @Test
  void describesItselfForTheFields() {
    Rate rate = new Rate(100, 100);
    assertEquals(new RateLimit("cell", 100, 100, 100, 0), bucket.describe("cell", rate, 1));
    takenOf(50, rate, 1);
    assertEquals(new RateLimit("cell", 100, 100, 50, 1), bucket.describe("cell", rate, 1));
    assertEquals(new RateLimit("cell", 50, 50, 25, 1), bucket.describe("cell", rate, 2));
  }

  @Test
  void theWindowIsLongEnoughForAWholeBucket() {
    assertEquals(
        new RateLimit("client", 100, 200, 200, 0),
        bucket.describe("client", new Rate(100, 200), 1));
    Rate slow = new Rate(0.1, 1);
    takenOf(1, slow, 1);
    assertEquals(new RateLimit("client", 0.1, 1, 0, 10), bucket.describe("client", slow, 1));
    assertEquals(10, bucket.describe("client", slow, 1).windowSeconds());
  }

  @Test
  void neverPromisesMoreThanItGivesAtOnceUnlessTheWindowCannotBeShortEnough() {
    RateLimit limit = bucket.describe("client", new Rate(5, 8), 1);
    assertEquals(8, limit.quota());
    assertEquals(2, limit.windowSeconds());
    RateLimit shared = bucket.describe("client", new Rate(5, 8), 2);
    assertEquals(4, shared.quota());
    assertEquals(2, shared.windowSeconds());
    RateLimit fast = bucket.describe("client", new Rate(1000, 10), 1);
    assertEquals(1000, fast.quota());
    assertEquals(1, fast.windowSeconds());
  }

  private int takenOf(int asked, Rate rate, int replicas) {
    int taken = 0;
    for (int i = 0; i < asked; i++) {
      taken += bucket.take(rate, replicas) == 0 ? 1 : 0;
    }
    return taken;
  }
}
