package io.cellrouter.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MillisTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0.000",
    "999, 0.000",
    "1000, 0.001",
    "99999, 0.099",
    "100000, 0.100",
    "1234567, 1.234",
    "30000000000, 30000.000",
    "-5, 0.000"
  })
  void formatsNanosecondsAsMilliseconds(long nanos, String text) {
    assertEquals(text, Millis.format(nanos));
  }
}
