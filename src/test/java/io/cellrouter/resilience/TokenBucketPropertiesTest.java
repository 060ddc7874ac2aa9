package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy.Rate;
import io.cellrouter.support.FakeClock;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class TokenBucketPropertiesTest {
  @Property(tries = 1_000)
  void inNoSpanOfTimeMoreThanTheBurstAndWhatFlowedIn(
      @ForAll @DoubleRange(min = 0.05, max = 10_000) double perSecond,
      @ForAll @DoubleRange(min = 1, max = 50) double burst,
      @ForAll @IntRange(min = 1, max = 7) int replicas,
      @ForAll("pauses") List<Integer> pauses) {
    Rate rate = new Rate(perSecond, burst);
    FakeClock clock = new FakeClock();
    long origin = clock.getAsLong();
    TokenBucket bucket = new TokenBucket(clock);
    List<Long> taken = new ArrayList<>();
    for (int pause : pauses) {
      // Pauses are hundredths of the time in which a token flows in.
      clock.advance((long) (pause * (1e7 * replicas / perSecond)));
      if (bucket.take(rate, replicas) == 0) {
        taken.add(clock.getAsLong() - origin);
      }
    }
    double size = Math.max(1, burst / replicas);
    for (int first = 0; first < taken.size(); first++) {
      for (int last = first; last < taken.size(); last++) {
        double seconds = (taken.get(last) - taken.get(first)) / 1e9;
        double most = size + seconds * perSecond / replicas;
        int were = last - first + 1;
        assertTrue(were <= most + 1e-6, were + " in " + seconds + " s, at most " + most);
      }
    }
  }

  @Property(tries = 1_000)
  void theTimeItNamesIsWhenThereIsOneAndNotBefore(
      @ForAll @DoubleRange(min = 0.05, max = 10_000) double perSecond,
      @ForAll @DoubleRange(min = 1, max = 20) double burst,
      @ForAll("pauses") List<Integer> pauses) {
    Rate rate = new Rate(perSecond, burst);
    FakeClock clock = new FakeClock();
    TokenBucket bucket = new TokenBucket(clock);
    for (int pause : pauses) {
      clock.advance((long) (pause * 1e7 / perSecond));
      long wait = bucket.take(rate, 1);
      RateLimit described = bucket.describe("cell", rate, 1);
      assertTrue(described.remaining() <= described.quota());
      assertEquals(described.remaining() == 0, bucket.look(rate, 1) > 0);
      if (wait > 0) {
        clock.advance(wait - 1);
        assertTrue(bucket.take(rate, 1) > 0, "too early");
        clock.advance(1);
        assertEquals(0, bucket.take(rate, 1), "at the time it had named");
      }
    }
  }

  @Provide
  Arbitrary<List<Integer>> pauses() {
    return Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.integers().between(0, 60)),
            Tuple.of(1, Arbitraries.integers().between(60, 3_000)))
        .list()
        .ofMinSize(5)
        .ofMaxSize(150);
  }
}
