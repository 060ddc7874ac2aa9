package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All faults at random, for as long as {@code SOAK_MINUTES} says, in the order that {@code
 * SOAK_SEED} decides ({@code ./build.sh soak}). Every request for a cell that is in no trouble, and
 * has not been for the time a recovery may take, must be answered by the cell. Its name keeps it
 * out of all other runs.
 */
class Soak {
  private static final int WELL_RATE = 30;
  private static final int RATE = 10;
  private static final Duration TELL = Duration.ofSeconds(30);

  /** A request may have been under way for its deadline when the trouble began. */
  private static final Duration DEADLINE = Duration.ofMillis(1_500);

  /** What a black hole and an ejected endpoint take longer: a probe and an ejection of 2 s. */
  private static final Duration RECOVERY = Trial.RECOVERY.plusSeconds(3);

  private final PrintStream out = System.out;
  private final Map<Trouble, Long> now = new HashMap<>();
  private final List<Past> past = new ArrayList<>();

  @TempDir private Path folder;

  /** A trouble that is over; {@link System#nanoTime}. */
  private record Past(Trouble trouble, long began, long ended) {
    boolean excuses(Shot shot) {
      return trouble.excuses(shot.cell())
          && shot.due() >= began - DEADLINE.toNanos()
          && shot.due() <= ended + RECOVERY.toNanos();
    }
  }

  @Test
  void nobodyNoticesTheTroubleOfOthers() throws Exception {
    Duration length = Duration.ofSeconds((long) (60 * number("SOAK_MINUTES", 15)));
    long seed = (long) number("SOAK_SEED", new Random().nextInt(1_000_000));
    out.println("soak: " + length.toSeconds() + " s, seed " + seed);
    try (SoakScene scene = SoakScene.in(folder);
        RouterProcess router = router(scene)) {
      Eventually.isTrue(() -> router.management().get("/ready").statusCode() == 200);
      Held idle = Held.by(router);
      List<SoakPlan.Event> plan = SoakPlan.of(seed, length, scene.troubles());
      List<String> wrong = new ArrayList<>();
      try (Load load = Load.start(router.port(), rates(scene))) {
        TimeUnit.SECONDS.sleep(2);
        long start = System.nanoTime();
        follow(plan, start, length, load, router);
        load.stop();
        judge(load.shots(), start, wrong);
      }
      same(wrong, "reached a cell more than once", Map.of(), twice(scene));
      same(
          wrong,
          "version of the config file in force",
          scene.version(),
          (int) Scraped.of(router, "router_config_version"));
      same(wrong, "log lines of errors", List.of(), errors(router));
      String held = held(wrong, idle, router);
      out.println(
          "soak: %s after %d troubles, seed %d; %s"
              .formatted(wrong.isEmpty() ? "all well" : "FAILED", past.size(), seed, held));
      wrong.forEach(each -> out.println("soak: " + each));
      assertEquals(List.of(), wrong);
    }
  }

  private static double number(String name, double otherwise) {
    return Optional.ofNullable(System.getenv(name)).map(Double::parseDouble).orElse(otherwise);
  }

  private static RouterProcess router(SoakScene scene) throws Exception {
    Map<String, String> settings = new HashMap<>(Trial.SETTINGS);
    settings.put("CELL_EJECT", "1");
    settings.put("CELL_EJECT_MAX", "2");
    settings.putAll(scene.settings());
    return RouterProcess.startInside(
        scene.wrapper(),
        settings,
        // A small container's heap, and clients that may dawdle for 3 s.
        "-XX:+UseSerialGC",
        "-Xmx96m",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djdk.httpclient.keepalive.timeout=2",
        "-Dsun.net.httpserver.maxReqTime=3");
  }

  private static Map<String, Integer> rates(SoakScene scene) {
    Map<String, Integer> rates = new TreeMap<>();
    scene.settings().keySet().stream()
        .filter(name -> name.matches("NGINX_\\d+_URL"))
        .map(name -> name.split("_", -1)[1])
        .forEach(id -> rates.put(id, id.compareTo("3") < 0 ? WELL_RATE : RATE));
    return rates;
  }

  private void follow(
      List<SoakPlan.Event> plan, long start, Duration length, Load load, RouterProcess router)
      throws Exception {
    Duration told = Duration.ZERO;
    for (SoakPlan.Event event : plan) {
      while (event.at().compareTo(told.plus(TELL)) >= 0) {
        told = told.plus(TELL);
        await(start, told);
        tell(told, load.shots());
      }
      await(start, event.at());
      if (event.begins()) {
        now.put(event.trouble(), System.nanoTime());
        event.trouble().begin().run(router);
      } else {
        event.trouble().end().run(router);
        past.add(new Past(event.trouble(), now.remove(event.trouble()), System.nanoTime()));
      }
    }
    await(start, length);
    TimeUnit.NANOSECONDS.sleep(RECOVERY.toNanos());
  }

  private static void await(long start, Duration at) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(start + at.toNanos() - System.nanoTime());
  }

  private void tell(Duration at, List<Shot> shots) {
    out.println(
        String.format(
            Locale.ROOT,
            "%5d s  %7d requests  %3d troubles over  now: %s; unexcused failures: %s",
            at.toSeconds(),
            shots.size(),
            past.size(),
            now.keySet().stream()
                .map(
                    trouble ->
                        trouble.name() + (trouble.cell().isEmpty() ? "" : " of " + trouble.cell()))
                .sorted()
                .toList(),
            unexcused(shots)));
    out.flush();
  }

  /** Failures, by cell and kind, of cells that were in no trouble. */
  private Map<String, Long> unexcused(List<Shot> shots) {
    List<Past> all = new ArrayList<>(past);
    now.forEach((trouble, began) -> all.add(new Past(trouble, began, System.nanoTime())));
    return shots.stream()
        .filter(Shot::failed)
        .filter(shot -> all.stream().noneMatch(each -> each.excuses(shot)))
        .collect(
            Collectors.groupingBy(
                shot -> shot.cell() + ": " + shot.outcome(), TreeMap::new, Collectors.counting()));
  }

  private void judge(List<Shot> shots, long start, List<String> wrong) {
    same(wrong, "failures of cells in no trouble", Map.of(), unexcused(shots));
    long calm = start + SoakPlan.CALM.toNanos();
    Speed without = speed(shots, start, calm);
    Speed with = speed(shots, calm, Long.MAX_VALUE);
    out.println("soak: p99 of cells 1 and 2: " + without + " → " + with);
    if (!with.isAsGoodAs(without)) {
      wrong.add("slower: p99 " + without + " → " + with);
    }
    out.println("soak: all requests: " + Row.shares(shots));
  }

  private static Speed speed(List<Shot> shots, long from, long to) {
    return Speed.of(
        shots.stream()
            .filter(shot -> shot.cell().compareTo("3") < 0)
            .filter(shot -> shot.due() >= from && shot.due() < to)
            .toList());
  }

  private static void same(List<String> wrong, String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      wrong.add(what + ": " + found + ", not " + expected);
    }
  }

  /** Each payload is unique, so a body that came twice is a request that did. */
  private static Map<String, Long> twice(SoakScene scene) {
    Map<String, Long> counts =
        scene
            .received()
            .collect(
                Collectors.groupingBy(
                    (Function<DemoCell.Received, String>) DemoCell.Received::body,
                    Collectors.counting()));
    counts.values().removeIf(Collections.singleton(1L)::contains);
    return counts;
  }

  private static List<String> errors(RouterProcess router) {
    return router.lines().stream()
        .filter(line -> line.contains("\"level\":\"ERROR\"") || line.contains("OutOfMemoryError"))
        .limit(5)
        .toList();
  }

  private static String held(List<String> wrong, Held idle, RouterProcess router) {
    try {
      return idle + " → " + Held.assertIsBackTo(idle, router);
    } catch (AssertionError e) {
      wrong.add(e.getMessage());
      return "";
    }
  }
}
