package io.cellrouter.lifecycle;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellConfig.CellState;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.MountedFile;
import io.cellrouter.support.TestRouter;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * ROUTER_CONFIG changed again and again under requests, over real sockets: each answer is that of
 * one file, in all its parts. A file writes its number into whatever an answer shows of it: the
 * name of the cell, where it is, how often it and the client may be asked.
 *
 * <p>The files are drawn from a seed, which a failure tells; {@code -Dtest.seed=} draws them again.
 */
class MixedSnapshotTest {
  private static final int FILES = 4;
  private static final List<String> QUICK = List.of("a", "b");
  private static final List<String> SLOW = List.of("x", "y", "z");

  /** In every file, each time somewhere else; its requests wait for a place while files change. */
  private static final String MOVING = "1";

  /** In every file, in any state. */
  private static final String CHANGING = "2";

  /** In every file, and open. */
  private static final String STAYING = "7";

  /** In a file, or not; never in two one after the other. */
  private static final List<String> PASSING = List.of("3", "4", "5", "6");

  /** The parser takes milliseconds for it, in which files change too. */
  private static final String PADDING = "1,".repeat(500_000) + "1";

  private final long seed = Long.getLong("test.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final long begin = System.nanoTime();
  private final Map<String, DemoCell> places = new HashMap<>();
  private final List<Version> versions = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicInteger moved = new AtomicInteger();
  private volatile List<String> passing = List.of();
  @TempDir Path mount;
  private MountedFile file;
  private TestRouter router;

  /**
   * What a file says of a cell.
   *
   * @param place of the demo cell it leads to
   */
  private record Placed(String place, CellState state) {}

  /** A file, and when it may have been in force, in nanoseconds since the test began. */
  private static final class Version {
    final int number;
    final Map<String, Placed> cells;
    final long from;
    long until = Long.MAX_VALUE;

    Version(int number, Map<String, Placed> cells, long from) {
      this.number = number;
      this.cells = cells;
      this.from = from;
    }

    List<String> passing() {
      return PASSING.stream().filter(cells::containsKey).toList();
    }

    String yaml(Map<String, DemoCell> places) {
      StringBuilder yaml = new StringBuilder("version: " + number + "\ncells:\n");
      cells.forEach(
          (id, cell) ->
              yaml.append(
                  "  \"%s\": {name: %s, url: \"%s\", state: %s, rate: %d, max_in_flight: 2, max_wait: 5}\n"
                      .formatted(
                          id,
                          name(id),
                          places.get(cell.place).url(),
                          cell.state.name().toLowerCase(Locale.ROOT),
                          20_000 + number)));
      return yaml + "clients:\n  anonymous: {rate: %d}\n".formatted(10_000 + number);
    }

    private String name(String id) {
      return "v" + number + "-" + id;
    }

    /** What a POST to this cell is answered while the file is in force. */
    String answer(String id) {
      if (!cells.containsKey(id)) {
        return "unknown_cell";
      }
      return switch (cells.get(id).state) {
        case ACTIVE ->
            "%s at nginx-%s with \"client\";q=%d;w=1, \"cell\";q=%d;w=1"
                .formatted(name(id), cells.get(id).place, 10_000 + number, 20_000 + number);
        case READ_ONLY -> "cell_read_only";
        case DRAINING -> "cell_draining";
        case DISABLED -> "cell_disabled";
      };
    }

    boolean explains(Answer answer) {
      return from <= answer.until && answer.from <= until && answer(answer.id).equals(answer.said);
    }

    @Override
    public String toString() {
      return "\n  version " + number + " from " + from + " until " + until + ": " + cells;
    }
  }

  /** One answer, in the words of {@link Version#answer}, and the time the client waited for it. */
  private record Answer(String id, String said, long from, long until) {}

  @BeforeEach
  void start() throws Exception {
    for (String place : QUICK) {
      places.put(place, DemoCell.start(place, "nginx-" + place, 0, Faults.NONE));
    }
    for (String place : SLOW) {
      Faults slow = Faults.NONE.with("latency", "100");
      places.put(place, DemoCell.start(place, "nginx-" + place, 0, slow));
    }
    Version first = next();
    file = new MountedFile(mount, "cells.yaml", first.yaml(places));
    router = TestRouter.start(Map.of("ROUTER_CONFIG", file.path().toString()));
    Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
    versions.add(first);
    passing = first.passing();
  }

  @AfterEach
  void stop() {
    router.close();
    places.values().forEach(DemoCell::close);
  }

  @Test
  void eachAnswerIsThatOfOneFile() throws Exception {
    List<Answer> answers = new ArrayList<>();
    try (ExecutorService clients = Executors.newCachedThreadPool()) {
      List<Future<List<Answer>>> load = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        load.add(clients.submit(() -> ask(() -> MOVING, ""))); // Two are in flight,
        load.add(clients.submit(() -> ask(() -> MOVING, ""))); // and two wait for them.
        load.add(clients.submit(() -> ask(this::anyPassing, PADDING)));
        load.add(clients.submit(() -> ask(this::anyPassing, PADDING)));
        load.add(clients.submit(() -> ask(() -> STAYING, PADDING)));
      }
      load.add(clients.submit(() -> ask(() -> CHANGING, "")));
      try {
        changeFiles();
      } finally {
        stop.set(true);
      }
      for (Future<List<Answer>> each : load) {
        answers.addAll(each.get());
      }
    }

    for (Answer answer : answers) {
      assertTrue(
          versions.stream().anyMatch(version -> version.explains(answer)),
          () -> "of no file: " + answer + ", seed " + seed + versions);
    }
    for (Version version : versions) {
      String routed = version.answer(MOVING);
      assertTrue(
          answers.stream().anyMatch(answer -> answer.said.equals(routed)),
          () -> "nobody saw " + routed + ", seed " + seed);
    }
    long late = versions.stream().mapToLong(version -> answersAfter(version, answers)).sum();
    assertTrue(late > 0, "no request was under way while a file changed");
  }

  /** Answers of the cell that moves which came when the next file was in force already. */
  private static long answersAfter(Version version, List<Answer> answers) {
    return answers.stream()
        .filter(answer -> answer.said.equals(version.answer(MOVING)))
        .filter(answer -> answer.until > version.until)
        .count();
  }

  private void changeFiles() throws Exception {
    awaitAnswers();
    while (versions.size() < FILES) {
      Version last = versions.getLast();
      Version next = next();
      versions.add(next);
      file.change(next.yaml(places));
      Eventually.isTrue(() -> inForce() == next.number);
      last.until = now();
      passing = next.passing(); // Until now those of before are asked, and so meet the change.
      awaitAnswers();
    }
  }

  /** So many of the cell that moves that some of them were asked for after the last change. */
  private void awaitAnswers() {
    int before = moved.get();
    Eventually.isTrue(() -> moved.get() >= before + 8);
  }

  private Version next() {
    Map<String, Placed> before = versions.isEmpty() ? Map.of() : versions.getLast().cells;
    List<String> elsewhere = new ArrayList<>(SLOW);
    if (before.containsKey(MOVING)) {
      elsewhere.remove(before.get(MOVING).place);
    }
    Map<String, Placed> cells = new TreeMap<>();
    cells.put(MOVING, new Placed(any(elsewhere), CellState.ACTIVE));
    cells.put(STAYING, new Placed(any(QUICK), CellState.ACTIVE));
    cells.put(CHANGING, new Placed(any(QUICK), any(List.of(CellState.values()))));
    List<String> absent = new ArrayList<>(PASSING);
    absent.removeAll(before.keySet());
    Collections.shuffle(absent, random);
    int most = Math.min(absent.size(), PASSING.size() - 1); // One has to be left for the next.
    absent
        .subList(0, 1 + random.nextInt(most))
        .forEach(id -> cells.put(id, new Placed(any(QUICK), CellState.ACTIVE)));
    return new Version(versions.size() + 1, cells, now());
  }

  private <T> T any(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  private long now() {
    return System.nanoTime() - begin;
  }

  private int inForce() {
    Map<?, ?> config = (Map<?, ?>) Http.json(router.management().get("/cells")).get("config");
    return (int) config.get("version");
  }

  /** Mostly of the newest file known to be in force, now and then of any. */
  private String anyPassing() {
    ThreadLocalRandom dice = ThreadLocalRandom.current();
    List<String> ids = dice.nextInt(10) == 0 ? PASSING : passing;
    return ids.get(dice.nextInt(ids.size()));
  }

  private List<Answer> ask(Supplier<String> cells, String padding) {
    List<Answer> answers = new ArrayList<>();
    while (!stop.get()) {
      String id = cells.get();
      long from = now();
      HttpResponse<String> response =
          router.http().route("{\"cellID\":\"" + id + "\",\"padding\":[" + padding + "]}");
      answers.add(new Answer(id, said(response), from, now()));
      if (id.equals(MOVING)) {
        moved.incrementAndGet();
      }
    }
    return answers;
  }

  private static String said(HttpResponse<String> response) {
    Map<String, Object> body = Http.json(response);
    if (response.statusCode() != 200) {
      return String.valueOf(body.get("reason"));
    }
    return "%s at %s with %s"
        .formatted(
            body.get("upstream"),
            ((Map<?, ?>) body.get("response")).get("server"),
            response.headers().firstValue("RateLimit-Policy").orElse("no limit"));
  }
}
