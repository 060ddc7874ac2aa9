package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One fault, tried; {@code package-info} says how. Cells "1" and "2" are always there and well.
 *
 * <pre>{@code
 * Trial.of(Fault.SLOW)
 *     .cell("3", cell.url(), () -> cell.received())
 *     .fault(router -> cell.faults(slow), router -> cell.faults(Faults.NONE))
 *     .sees("503 bulkhead_full")
 *     .recoversWithin(Duration.ofSeconds(2))
 *     .run();
 * }</pre>
 */
final class Trial {
  /** Quick to fail and quick to come back, so that a trial takes seconds. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "REQUEST_TIMEOUT", "2",
          "CONNECT_TIMEOUT", "0.5",
          "PROBE_INTERVAL", "1",
          "PROBE_TIMEOUT", "0.5",
          "CELL_BREAKER_WINDOW", "2",
          "CELL_BREAKER_OPEN", "0.5",
          "CELL_BREAKER_OPEN_MAX", "1");

  /** What those settings allow: a trial request up to its deadline, then open for 1 s and 20 %. */
  static final Duration RECOVERY = Duration.ofSeconds(4);

  private static final Duration WARM_UP = Duration.ofMillis(1_500);
  private static final Duration WITHOUT = Duration.ofSeconds(3);

  /** All well for so long, which is longer than any request takes: it is over. */
  private static final Duration QUIET = Duration.ofMillis(2_500);

  private static final int HEALTHY_RATE = 100;

  /**
   * Once more, when the others were slower with the fault than without it or the cell failed before
   * it was in trouble: this machine may have been busy with something else, and what a fault does
   * to others shows each time. Nothing else is forgiven: errors of others, what is seen and
   * recoveries count in every round.
   */
  private static final int ROUNDS = 3;

  private final Fault fault;
  private final Map<String, String> settings = new HashMap<>(SETTINGS);
  private final List<String> wrapper = new ArrayList<>();
  private final List<String> javaOptions = new ArrayList<>();
  private final Map<String, String> urls = new TreeMap<>();
  private final Map<String, Integer> rates = new TreeMap<>();
  private final List<Supplier<? extends Collection<DemoCell.Received>>> receipts =
      new ArrayList<>();
  private final Set<String> must = new LinkedHashSet<>();
  private final Set<String> may = new LinkedHashSet<>();
  private Step begin = router -> {};
  private Step end = router -> {};
  private Duration lasts = Duration.ofMillis(4_500);
  private Duration bound = Duration.ZERO;
  private final List<Return> returns = new ArrayList<>();
  private final Map<Return, Duration> returned = new LinkedHashMap<>();

  private Trial(Fault fault) {
    this.fault = fault;
    // Pooled connections to cells end soon after the load, so that what is left then has leaked.
    javaOptions.add("-Djdk.httpclient.keepalive.timeout=2");
  }

  static Trial of(Fault fault) {
    return new Trial(fault);
  }

  /** What begins or ends a fault. */
  interface Step {
    void run(RouterProcess router) throws Exception;
  }

  /**
   * A cell that the fault is for; without one, the fault may harm nobody.
   *
   * @param urls as in {@code NGINX_<id>_URL}
   * @param received all that ever reached it
   */
  Trial cell(String id, String urls, Supplier<? extends Collection<DemoCell.Received>> received) {
    this.urls.put(id, urls);
    // Full before the deadline when it hangs, and not full when this machine pauses for a moment.
    settings.putIfAbsent("NGINX_" + id + "_MAX_IN_FLIGHT", "128");
    rates.put(id, 150);
    receipts.add(received);
    return this;
  }

  /** A further place where requests for the cell may have arrived. */
  Trial alsoReceived(Supplier<? extends Collection<DemoCell.Received>> received) {
    receipts.add(received);
    return this;
  }

  /** Requests a second for a cell, in all parts of the trial. */
  Trial rate(String cell, int perSecond) {
    rates.put(cell, perSecond);
    return this;
  }

  Trial setting(String name, String value) {
    settings.put(name, value);
    return this;
  }

  Trial javaOption(String option) {
    javaOptions.add(option);
    return this;
  }

  /** A command that starts the router's, which follows as further arguments, in its own process. */
  Trial inside(List<String> command) {
    wrapper.addAll(command);
    return this;
  }

  Trial fault(Step begin, Step end) {
    this.begin = begin;
    this.end = end;
    return this;
  }

  Trial lasts(Duration duration) {
    this.lasts = duration;
    return this;
  }

  /** Outcomes (see {@link Shot}) that clients of the cell in trouble must meet. */
  Trial sees(String... outcomes) {
    must.addAll(List.of(outcomes));
    return this;
  }

  /** Outcomes that they may meet as well. 200 always is one. */
  Trial maySee(String... outcomes) {
    may.addAll(List.of(outcomes));
    return this;
  }

  /** From the fault's end to the last failure. */
  Trial recoversWithin(Duration bound) {
    this.bound = bound;
    return this;
  }

  /**
   * Something that must be so again, and how soon after the fault's end; looked at in every round,
   * besides the failures of a cell in trouble.
   *
   * @param what a word or two for the page
   */
  Trial comesBack(String what, Duration bound, Predicate<RouterProcess> again) {
    returns.add(new Return(what, bound, again));
    return this;
  }

  /** Runs it, checks it, and keeps its row. */
  void run() throws Exception {
    Row.forget(fault);
    int anew = Tries.of(fault, this::once);
    Row.of(fault).orElseThrow().begunAnew(anew).keep();
  }

  private void once() throws Exception {
    returned.clear();
    try (DemoCell one = DemoCell.recording("1");
        DemoCell two = DemoCell.recording("2")) {
      for (DemoCell cell : List.of(one, two)) {
        String id = cell == one ? "1" : "2";
        settings.put("NGINX_" + id + "_URL", cell.url());
        rates.putIfAbsent(id, HEALTHY_RATE);
        receipts.add(cell::received);
      }
      urls.forEach((id, url) -> settings.put("NGINX_" + id + "_URL", url));
      try (RouterProcess router =
          RouterProcess.startInside(wrapper, settings, javaOptions.toArray(String[]::new))) {
        Eventually.isTrue(() -> router.management().get("/ready").statusCode() == 200);
        Held idle = Held.by(router);
        Row row = underLoad(router);
        Held held = Held.assertIsBackTo(idle, router);
        assertNothingCameTwice();
        row.with(idle + " → " + held).keep();
      }
    }
  }

  private Row underLoad(RouterProcess router) throws Exception {
    List<Course.Round> rounds = new ArrayList<>();
    Neighbours neighbours = Neighbours.of(router);
    try (Load load = Load.start(router.port(), rates)) {
      sleep(WARM_UP);
      do {
        rounds.add(round(load, router));
      } while (rounds.size() < ROUNDS && course(load, rounds).isSpoilt());
      load.stop();
      return Tries.judge(
          () -> check(course(load, rounds)),
          () -> new Machine(load.latest(), neighbours.share(), neighbours.shareOfRouter()));
    }
  }

  private Course course(Load load, List<Course.Round> rounds) {
    return new Course(load.shots(), rounds, urls.keySet());
  }

  private Course.Round round(Load load, RouterProcess router) throws Exception {
    long without = System.nanoTime();
    sleep(WITHOUT);
    long with = System.nanoTime();
    begin.run(router);
    sleep(lasts);
    long after = System.nanoTime(); // Ending it takes its time, which is not to the cell's favour.
    end.run(router);
    for (Return each : returns) {
      returned.merge(each, await(each, after, router), Trial::longer);
    }
    if (!returns.isEmpty()) {
      sleep(Duration.ofSeconds(1)); // What has just come back is not to fail then.
    }
    long giveUp = after + bound.plus(QUIET).plusSeconds(2).toNanos();
    Duration recovery = Duration.ZERO;
    while (System.nanoTime() < Math.min(giveUp, after + recovery.plus(QUIET).toNanos())) {
      sleep(Duration.ofMillis(50));
      recovery = course(load, List.of()).recovery(after, Long.MAX_VALUE);
    }
    return new Course.Round(without, with, after, System.nanoTime());
  }

  /** Waits for longer than it may take, to tell how long it takes. */
  private static Duration await(Return what, long after, RouterProcess router) throws IOException {
    long giveUp = after + what.bound().multipliedBy(2).toNanos();
    while (!what.again().test(router) && System.nanoTime() < giveUp) {
      sleep(Duration.ofMillis(20));
    }
    return Duration.ofNanos(System.nanoTime() - after);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private Row check(Course course) {
    List<Shot> others = course.others();
    assertEquals(Map.of(), Course.failures(others), "of other cells");
    assertEquals(Map.of(), Course.failures(course.before()), "without the fault");
    List<Shot> during = course.during();
    checkWhatIsSeen(Stream.concat(during.stream(), course.afterwards().stream()).toList());
    Duration recovery = course.recovery();
    assertTrue(
        recovery.compareTo(bound) <= 0,
        () ->
            "failed until "
                + Row.seconds(recovery)
                + " after the fault: "
                + Course.failures(course.afterwards()));
    returned.forEach(
        (what, took) -> assertTrue(took.compareTo(what.bound()) <= 0, () -> what.took(took)));
    course.with().assertAsGoodAs(course.without());
    return new Row(
        fault,
        during.isEmpty() ? "–" : Row.shares(during),
        others.size() + " × 200",
        course.without() + " → " + course.with() + Row.round(course.rounds().size()),
        recovery(recovery),
        "");
  }

  private String recovery(Duration ofTheCell) {
    Stream<String> cell =
        urls.isEmpty()
            ? Stream.empty()
            : Stream.of(Row.seconds(ofTheCell) + ", " + Row.seconds(bound));
    Stream<String> others =
        returned.entrySet().stream().map(each -> each.getKey().took(each.getValue()));
    return Stream.concat(cell, others).collect(Collectors.joining("; "));
  }

  private void checkWhatIsSeen(List<Shot> troubled) {
    Set<String> seen = troubled.stream().map(Shot::outcome).collect(Collectors.toSet());
    Set<String> known = new LinkedHashSet<>(must);
    known.addAll(may);
    known.add(Shot.OK);
    // Right whenever requests pile up, for instance on a busy machine.
    known.add("503 bulkhead_full");
    String all = "clients of the cell in trouble saw " + Course.failures(troubled);
    assertTrue(known.containsAll(seen), () -> all + ", but should see only " + known);
    assertTrue(seen.containsAll(must), () -> all + ", but should see " + must);
  }

  /** Each request's payload is unique, so a body that came twice is a request that did. */
  private void assertNothingCameTwice() {
    Map<String, Long> counts =
        receipts.stream()
            .flatMap(each -> each.get().stream())
            .collect(
                Collectors.groupingBy(
                    (Function<DemoCell.Received, String>) DemoCell.Received::body,
                    Collectors.counting()));
    counts.values().removeIf(count -> count == 1);
    assertEquals(Map.of(), counts, "reached a cell more than once");
  }

  private static void sleep(Duration duration) throws IOException {
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException("interrupted");
      }
    }
  }
}
