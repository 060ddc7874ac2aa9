package io.cellrouter.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionLimitTest {
  /** Megabytes of heap; pods of 128 and 256 MiB have 47 and 94. */
  @ParameterizedTest
  @CsvSource({
    "1, 16000, 100",
    "20, 16000, 100",
    "47, 16000, 620",
    "94, 16000, 1560",
    "537, 16000, 10420",
    "1000, 16000, 16000",
    "100000, 16000, 16000",
    "100000, 200, 200",
    "94, 200, 200",
    "20, 50, 50",
    "47, 2147483647, 620"
  })
  void followsTheHeapAndIsNeverAboveWhatIsAllowed(int megabytes, int most, int connections) {
    assertEquals(connections, ConnectionLimit.forHeap(megabytes * 1_000_000L, most));
  }
}
