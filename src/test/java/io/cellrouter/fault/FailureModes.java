package io.cellrouter.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The page of all faults, made of what their trials measured. */
final class FailureModes {
  static final Path PAGE = Path.of("docs", "failure-modes.md");

  private static final String HEAD =
      """
      # Failure modes

      What happens when something breaks, as it was measured: `./build.sh faults --write` runs every fault against the real program
      (`src/test/java/io/cellrouter/fault`) and writes this page; `./build.sh test` runs the same and fails when one of the figures
      breaks its bound. Three cells under a steady load, one of them in trouble. In every row the other cells' requests had **no
      error at all**, no request reached a cell twice, and p99 is the middle one of one-second windows, without the fault → with it.
      The recovery is the time from the fault's end to the last failed request; the trials run with a breaker that opens for 0.5 to
      1 s and a deadline of 2 s, where the defaults are 5 to 60 s and 30 s. A word before a time says what came back then. Speed was
      compared anew, up to three rounds, when the machine was noisy (`round`), and a trial that failed while others took more than a
      quarter of the CPUs or the load stood still for 0.3 s was `begun anew`; the row says so where it happened. Held: the router's sockets, threads (platform + virtual)
      and permits, before the first request → after the last.

      | # | Fault | Clients of that cell see | The others | Their p99 | Recovery, bound | Held |
      |---|---|---|---|---|---|---|
      """;

  private FailureModes() {}

  /** Faults of which no trial has left a row. */
  static List<Fault> missing() throws IOException {
    List<Fault> missing = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      if (Row.of(fault).isEmpty()) {
        missing.add(fault);
      }
    }
    return missing;
  }

  /** Faults that this machine does not allow to try; why, with each. */
  static List<String> notTried() throws IOException {
    List<String> notTried = new ArrayList<>();
    for (Fault fault : Fault.values()) {
      Row.of(fault)
          .filter(row -> !row.wasTried())
          .ifPresent(row -> notTried.add(fault + " " + row.seen()));
    }
    return notTried;
  }

  static void write() throws IOException {
    StringBuilder page = new StringBuilder(HEAD);
    for (Fault fault : Fault.values()) {
      Optional<Row> row = Row.of(fault);
      if (row.isPresent()) {
        page.append(line(row.get()));
      }
    }
    Files.writeString(PAGE, page);
  }

  /** How a line of the page begins; figures differ with every run, this does not. */
  static String beginning(Fault fault) {
    return "| " + fault.number() + " | " + fault.title() + " | ";
  }

  private static String line(Row row) {
    return beginning(row.fault())
        + String.join(
            " | ", row.seen(), row.others(), row.speed(), row.recovery(), row.held() + " |\n");
  }
}
