package io.cellrouter.traffic;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** Puts totals into words: one line while it runs, a table at its end. */
final class Report {
  /** Titles of the two tables that tell what a cell's trouble did to the others. */
  private static final String CALM = "others well";

  private static final String TROUBLE = "beside trouble";

  private Report() {}

  /** How it goes, the more important facts first, since a terminal shows the beginning only. */
  static String line(Tally.Totals totals, Duration elapsed, Duration planned, int inFlight) {
    return String.format(
        Locale.ROOT,
        "%s of %s  %,d done, %,d unexpected, %,d in flight  p50 %s p99 %s ms",
        clock(elapsed),
        clock(planned),
        totals.requests(),
        totals.unexpected(),
        inFlight,
        millis(totals.p50()),
        millis(totals.p99()));
  }

  /**
   * The table of all kinds that were sent, and of the cells that should have been reached. When a
   * cell was in trouble ({@link Troubles}), what the others' clients saw meanwhile stands apart
   * from the rest, so that the two can be compared.
   *
   * @param abandoned requests whose end was not waited for
   */
  static String summary(Tally.Totals totals, Duration elapsed, int abandoned) {
    List<List<Line>> tables = new ArrayList<>();
    tables.add(table("kind", totals.rows().stream().filter(row -> row.requests() > 0).toList()));
    if (!totals.cells().isEmpty()) {
      tables.add(table("cell", totals.cells()));
    }
    if (!totals.besideTrouble().isEmpty()) {
      tables.add(table(CALM, totals.calm()));
      tables.add(table(TROUBLE, totals.besideTrouble()));
    }
    int width =
        tables.stream()
            .flatMap(List::stream)
            .mapToInt(line -> line.expected.length())
            .max()
            .orElseThrow();
    StringBuilder text = new StringBuilder();
    for (List<Line> lines : tables) {
      lines.forEach(line -> text.append(line.padded(width)).append('\n'));
      text.append('\n');
    }
    text.append(number(totals.requests()))
        .append(" requests in ")
        .append(clock(elapsed))
        .append(", ")
        .append(number(totals.unexpected()))
        .append(" of them answered unexpectedly.\n");
    if (totals.notSent() > 0) {
      text.append(number(totals.notSent()))
          .append(" more were due but not sent: ")
          .append(number(TrafficRun.MAX_IN_FLIGHT))
          .append(" were under way already.\n");
    }
    if (abandoned > 0) {
      text.append(number(abandoned)).append(" were still under way and are not counted.\n");
    }
    return text.toString();
  }

  private static List<Line> table(String what, List<Tally.Row> rows) {
    List<Line> lines = new ArrayList<>();
    lines.add(new Line(what, "requests", "p50 ms", "p99 ms", "expected", "unexpected"));
    rows.forEach(row -> lines.add(line(row)));
    return lines;
  }

  /** One line of the table. */
  private record Line(
      String name, String requests, String p50, String p99, String expected, String unexpected) {
    String padded(int width) {
      return String.format(
          Locale.ROOT,
          "%-14s %10s %9s %9s   %-" + width + "s   %s",
          name,
          requests,
          p50,
          p99,
          expected,
          unexpected);
    }
  }

  private static Line line(Tally.Row row) {
    return new Line(
        row.name(),
        number(row.requests()),
        millis(row.p50()),
        millis(row.p99()),
        counts(row.expected()),
        counts(row.unexpected()));
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String counts(SortedMap<String, Long> counts) {
    return counts.isEmpty()
        ? "-"
        : counts.entrySet().stream()
            .map(entry -> entry.getKey() + ": " + number(entry.getValue()))
            .collect(Collectors.joining(", "));
  }

  static String clock(Duration duration) {
    Duration rounded = duration.plusMillis(500);
    return String.format(Locale.ROOT, "%d:%02d", rounded.toMinutes(), rounded.toSecondsPart());
  }

  private static String millis(long nanos) {
    return nanos == 0 ? "-" : String.format(Locale.ROOT, "%,.1f", nanos / 1e6);
  }
}
