package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every fault was tried in this run, and stands on the page. With {@code FAULT_WRITE=true} the page
 * is written first. Runs after the trials ({@code build.sh}), so it has a tag of its own.
 */
@Tag("fault-page")
class FailureModesTest {
  /**
   * Where {@code CI} is true, and where {@code .ci/run} has installed all that trials need, one
   * that was left out is red; elsewhere it is skipped, and {@code build.sh} names it.
   */
  @Test
  void noFaultWasLeftOut() throws Exception {
    List<String> notTried = FailureModes.notTried();
    if (Stream.of("CI", "FAULT_ALL").anyMatch(name -> "true".equals(System.getenv(name)))) {
      assertEquals(List.of(), notTried);
    }
    assumeTrue(notTried.isEmpty(), notTried::toString);
  }

  @Test
  void everyFaultWasTriedAndStandsOnThePage() throws Exception {
    if ("true".equals(System.getenv("FAULT_WRITE"))) {
      FailureModes.write();
    }
    assertEquals(List.of(), FailureModes.missing(), "no trial of these left a row in this run");
    List<String> lines = Files.readAllLines(FailureModes.PAGE);
    assertEquals(
        List.of(),
        Stream.of(Fault.values())
            .filter(
                fault ->
                    lines.stream()
                            .filter(line -> line.startsWith(FailureModes.beginning(fault)))
                            .count()
                        != 1)
            .toList(),
        "not on " + FailureModes.PAGE + "; ./build.sh faults --write writes it");
  }
}
