package io.cellrouter.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** W3C Trace Context, level 1. */
class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";

  private final Ids ids = new Ids(RandomGenerator.getDefault());

  @Test
  void goesOnWithTheCallersTraceUnderASpanOfItsOwn() {
    TraceContext trace =
        TraceContext.parse("00-" + TRACE + "-" + PARENT + "-01", ids).orElseThrow();

    assertEquals(TRACE, trace.traceId());
    assertEquals(PARENT, trace.parentSpanId());
    assertNotEquals(PARENT, trace.spanId());
    assertTrue(trace.sampled());
    assertEquals("00-" + TRACE + "-1111111111111111-01", trace.traceparent("1111111111111111"));
  }

  @Test
  void readsALaterVersionAsFarAsItIsKnown() {
    assertFalse(
        TraceContext.parse("cc-" + TRACE + "-" + PARENT + "-00-more", ids).orElseThrow().sampled());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00-" + TRACE + "-" + PARENT,
        "00-" + TRACE + "-" + PARENT + "-01-more",
        "cc-" + TRACE + "-" + PARENT + "-01more",
        "ff-" + TRACE + "-" + PARENT + "-01",
        "00-00000000000000000000000000000000-" + PARENT + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + PARENT + "-01",
        "00-" + TRACE + "-" + PARENT + "-0g",
        "00_" + TRACE + "_" + PARENT + "_01"
      })
  void ignoresWhatIsNotOne(String header) {
    assertEquals(Optional.empty(), TraceContext.parse(header, ids));
  }

  @Test
  void idsAreHexAndNeverZero() {
    Ids zeros = new Ids(() -> 0L);

    assertEquals("00000000000000010000000000000000", zeros.traceId());
    assertEquals("0000000000000001", zeros.spanId());
    assertTrue(ids.traceId().matches("[0-9a-f]{32}"));
  }
}
