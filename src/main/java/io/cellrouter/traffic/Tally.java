package io.cellrouter.traffic;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts what came back; any number of threads may count. */
final class Tally {
  private final Map<Kind, Counts> byKind = new EnumMap<>(Kind.class);
  private final Map<String, Counts> byCell = new ConcurrentSkipListMap<>();
  private final Map<String, Counts> calm = new ConcurrentSkipListMap<>();
  private final Map<String, Counts> besideTrouble = new ConcurrentSkipListMap<>();
  private final Latencies all = new Latencies();
  private final LongAdder notSent = new LongAdder();

  Tally() {
    for (Kind kind : Kind.values()) {
      byKind.put(kind, new Counts());
    }
  }

  private static final class Counts {
    final Map<String, LongAdder> expected = new ConcurrentHashMap<>();
    final Map<String, LongAdder> unexpected = new ConcurrentHashMap<>();
    final Latencies latencies = new Latencies();

    void add(boolean asExpected, String label, boolean answered, long nanos) {
      (asExpected ? expected : unexpected)
          .computeIfAbsent(label, each -> new LongAdder())
          .increment();
      if (answered) {
        latencies.record(nanos);
      }
    }
  }

  /**
   * Counts one.
   *
   * @param nanos from the time it was due, so that a late start counts as waiting
   * @param troubleElsewhere whether another cell was in trouble when it ended
   */
  void count(Shot shot, Answer answer, long nanos, boolean troubleElsewhere) {
    Counts counts = byKind.get(shot.kind());
    boolean expected = shot.expects(answer);
    String label = answer.label();
    if (!expected && answer instanceof Answer.Status(int status, String cell) && status == 200) {
      // The worst there is, so it must not look like any other 200.
      label = cell.isEmpty() || cell.equals(shot.cell()) ? "200" : "200 of another cell";
    }
    boolean answered = answer instanceof Answer.Status;
    counts.add(expected, label, answered, nanos);
    if (answered) {
      all.record(nanos);
    }
    if (shot.kind().shouldReachItsCell()) {
      for (Map<String, Counts> counted : List.of(byCell, troubleElsewhere ? besideTrouble : calm)) {
        counted
            .computeIfAbsent(shot.cell(), each -> new Counts())
            .add(expected, label, answered, nanos);
      }
    }
  }

  /** Counts one that was due but not sent, since too many were under way. */
  void notSent() {
    notSent.increment();
  }

  /**
   * One kind's or one cell's part of a {@link Totals}. Latencies are in nanoseconds and of answered
   * requests.
   *
   * @param name the kind's label, or the cell's ID
   * @param expected how many of each right answer, by label
   */
  record Row(
      String name,
      SortedMap<String, Long> expected,
      SortedMap<String, Long> unexpected,
      long p50,
      long p99) {
    long requests() {
      return sum(expected) + sum(unexpected);
    }
  }

  /**
   * Everything so far; each number is right, but they are not read at one instant.
   *
   * @param rows by kind
   * @param cells by cell, of what should have reached it
   * @param calm of those, the ones that ended while no other cell was in trouble
   * @param besideTrouble the rest of them
   */
  record Totals(
      List<Row> rows,
      List<Row> cells,
      List<Row> calm,
      List<Row> besideTrouble,
      long p50,
      long p99,
      long notSent) {
    long requests() {
      return rows.stream().mapToLong(Row::requests).sum();
    }

    long unexpected() {
      return rows.stream().mapToLong(row -> sum(row.unexpected)).sum();
    }
  }

  Totals totals() {
    return new Totals(
        byKind.entrySet().stream()
            .map(entry -> row(entry.getKey().label(), entry.getValue()))
            .toList(),
        rows(byCell),
        rows(calm),
        rows(besideTrouble),
        all.percentile(0.5),
        all.percentile(0.99),
        notSent.sum());
  }

  private static List<Row> rows(Map<String, Counts> byCell) {
    return byCell.entrySet().stream().map(entry -> row(entry.getKey(), entry.getValue())).toList();
  }

  private static Row row(String name, Counts counts) {
    return new Row(
        name,
        read(counts.expected),
        read(counts.unexpected),
        counts.latencies.percentile(0.5),
        counts.latencies.percentile(0.99));
  }

  private static SortedMap<String, Long> read(Map<String, LongAdder> counts) {
    SortedMap<String, Long> values = new TreeMap<>();
    counts.forEach((label, count) -> values.put(label, count.sum()));
    return values;
  }

  private static long sum(SortedMap<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
