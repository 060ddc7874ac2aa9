package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
