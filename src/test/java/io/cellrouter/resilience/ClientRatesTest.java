package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy.Rate;
import io.cellrouter.support.FakeClock;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClientRatesTest {
  private final FakeClock clock = new FakeClock();
  private int replicas = 1;
  private final ClientRates rates = new ClientRates(() -> replicas, clock);

  @Test
  void eachClientHasABucketOfItsOwn() {
    Rate rate = new Rate(1, 2);
    assertEquals(Optional.empty(), rates.admit("a", rate));
    assertEquals(Optional.empty(), rates.admit("a", rate));
    Admission.Refused refused = rates.admit("a", rate).orElseThrow();
    assertEquals(Reason.RATE_LIMIT_CLIENT, refused.reason());
    assertEquals(Duration.ofSeconds(1), refused.retryAfter());
    assertEquals(new RateLimit("client", 1, 2, 0, 1), refused.limit());
    assertEquals(Optional.empty(), rates.admit("b", rate));
    assertEquals(1, rates.current("b", rate).orElseThrow().remaining());
  }

  @Test
  void withoutALimitNothingIsCounted() {
    assertEquals(Optional.empty(), rates.admit("a", Rate.UNLIMITED));
    assertEquals(Optional.empty(), rates.current("a", Rate.UNLIMITED));
  }

  @Test
  void replicasShareTheRate() {
    replicas = 4;
    Rate rate = new Rate(4, 4);
    assertEquals(Optional.empty(), rates.admit("a", rate));
    assertEquals(Duration.ofSeconds(1), rates.admit("a", rate).orElseThrow().retryAfter());
  }

  @Test
  void namesBeyondThoseThatCanBeConfiguredShareOneBucket() {
    ClientBuckets buckets = new ClientBuckets(clock);
    for (int i = 0; i < ClientBuckets.MOST; i++) {
      buckets.of("client-" + i);
    }
    assertSame(buckets.of("one too many"), buckets.of("two too many"));
    assertNotSame(buckets.of("client-1"), buckets.of("client-2"));
    assertTrue(buckets.of("client-1") != buckets.of("one too many"));
  }
}
