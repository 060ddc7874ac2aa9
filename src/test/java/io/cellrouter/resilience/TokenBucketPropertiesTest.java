package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellPolicy.Rate;
import io.cellrouter.support.FakeClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

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

  /**
   * Values that hold for a while, and the pauses before its calls, in hundredths of a token's time.
   */
  record Reign(double perSecond, double burst, int replicas, List<Integer> pauses) {
    Rate rate() {
      return new Rate(perSecond, burst);
    }

    double interval() {
      return replicas / perSecond;
    }

    /** In seconds: what is missing of an empty bucket. */
    double size() {
      return Math.max(1, burst / replicas) * interval();
    }
  }

  /** What the doc says, in seconds: what is owed, which a change cuts to one filling. */
  private static final class Model {
    private double owed;

    void pass(double seconds) {
      owed = Math.max(0, owed - seconds);
    }

    double untilOne(Reign reign) {
      owed = Math.min(owed, reign.size());
      return owed + reign.interval() - reign.size();
    }
  }

  @Property(tries = 1_000)
  void rateBurstAndReplicasMayChangeBetweenCalls(
      @ForAll("reigns") @Size(min = 2, max = 8) List<Reign> reigns) {
    FakeClock clock = new FakeClock();
    TokenBucket bucket = new TokenBucket(clock);
    Model model = new Model();
    for (Reign reign : reigns) {
      List<Double> taken = new ArrayList<>();
      double time = 0;
      for (int pause : reign.pauses) {
        long nanos = (long) (pause * 1e7 * reign.interval());
        clock.advance(nanos);
        time += nanos / 1e9;
        model.pass(nanos / 1e9);
        double wait = model.untilOne(reign);
        assertEquals(
            Math.max(0, wait), bucket.look(reign.rate(), reign.replicas) / 1e9, 1e-6, "look");
        if (bucket.take(reign.rate(), reign.replicas) == 0) {
          assertTrue(wait <= 1e-6, "given " + wait + " s too early");
          model.owed += reign.interval();
          taken.add(time);
        } else {
          assertTrue(wait >= -1e-6, "refused although there was one");
        }
      }
      assertBounded(taken, Math.max(1, reign.burst / reign.replicas), 1 / reign.interval());
    }
    // Whatever was owed before, of any rate: it is full after one filling at the rate of now.
    Reign last = reigns.getLast();
    clock.advance((long) Math.ceil(last.size() * 1e9) + 1_000);
    RateLimit full = bucket.describe("cell", last.rate(), last.replicas);
    assertEquals(full.burst(), full.remaining());
    assertEquals(0, bucket.look(last.rate(), last.replicas));
  }

  private static void assertBounded(List<Double> taken, double size, double perSecond) {
    for (int first = 0; first < taken.size(); first++) {
      for (int last = first; last < taken.size(); last++) {
        double seconds = taken.get(last) - taken.get(first);
        int were = last - first + 1;
        assertTrue(were <= size + seconds * perSecond + 1e-4, were + " in " + seconds + " s");
      }
    }
  }

  /** A client asks; beyond the most that are told apart, all are one. */
  @Property(tries = 30)
  void eachClientHasItsOwnBucketAndThoseBeyondTheMostShareOne(
      @ForAll("reigns") @Size(min = 1, max = 3) List<Reign> reigns,
      @ForAll @IntRange(min = 0, max = 6) int room,
      @ForAll @Size(min = 40, max = 150) List<@IntRange(min = 0, max = 9) Integer> clients) {
    FakeClock clock = new FakeClock();
    ClientBuckets buckets = new ClientBuckets(clock);
    for (int i = 0; i < ClientBuckets.MOST - room; i++) {
      buckets.of("old-" + i);
    }
    Map<Integer, Model> own = new HashMap<>();
    Model shared = new Model();
    for (Reign reign : reigns) {
      for (int i = 0; i < clients.size(); i++) {
        long nanos = (long) (reign.pauses.get(i % reign.pauses.size()) * 1e7 * reign.interval());
        clock.advance(nanos);
        own.values().forEach(model -> model.pass(nanos / 1e9));
        shared.pass(nanos / 1e9);
        int client = clients.get(i);
        if (own.size() < room) {
          own.putIfAbsent(client, new Model());
        }
        Model model = own.getOrDefault(client, shared);
        double wait = model.untilOne(reign);
        long said = buckets.of("client-" + client).take(reign.rate(), reign.replicas);
        assertTrue(said > 0 ? wait >= -1e-6 : wait <= 1e-6, said + " ns, expected " + wait + " s");
        if (said == 0) {
          model.owed += reign.interval();
        }
      }
    }
  }

  @Provide
  Arbitrary<List<Reign>> reigns() {
    return Combinators.combine(
            Arbitraries.of(0.05, 0.5, 1.0, 7.3, 100.0, 10_000.0),
            Arbitraries.of(1.0, 1.5, 2.0, 8.0, 50.0),
            Arbitraries.integers().between(1, 7),
            pauses().map(list -> list.subList(0, Math.min(list.size(), 60))))
        .as(Reign::new)
        .list();
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
