package io.cellrouter.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void knowsNoPercentileOfNothing() {
    assertEquals(0, latencies.percentile(0.99));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 31, 32, 33, 63, 64, 1_000_000, 35_000_000_000L, Long.MAX_VALUE})
  void tellsOneValueAtMostASixteenthTooHigh(long nanos) {
    latencies.record(nanos);

    long told = latencies.percentile(0.5);
    assertTrue(told >= nanos && told - nanos <= nanos / 16, told + " for " + nanos);
  }

  @Test
  void findsTheNinetyNinthOfAHundred() {
    LongStream.rangeClosed(1, 100).map(i -> i * 1_000_000).forEach(latencies::record);

    assertEquals(50e6, (double) latencies.percentile(0.5), 50e6 / 16);
    assertEquals(99e6, (double) latencies.percentile(0.99), 99e6 / 16);
    assertEquals(100e6, (double) latencies.percentile(1), 100e6 / 16);
  }
}
