package io.cellrouter.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellChange;
import io.cellrouter.cell.CellMap;
import io.cellrouter.cell.ConfigStatus.Freshness;
import io.cellrouter.config.CellConfig.CellState;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.LogLevel;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.handler.CellControl.Outcome;
import io.cellrouter.forward.CellClients;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.CellGates;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.FakeClock;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Overrides and reloads with clocks that go on only when told to. */
class ReloaderTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  @TempDir Path folder;
  private final FakeClock nanos = new FakeClock();
  private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
  private volatile boolean gone;
  private final LogWriter writer =
      new LogWriter(
          new OutputStream() {
            @Override
            public void write(int b) throws IOException {
              if (gone) {
                throw new IOException("Broken pipe");
              }
              logged.write(b);
            }
          });
  private final Log log = new Log(LogLevel.WARN, Clock.systemUTC(), writer);
  private Instant wall = NOON;
  private Path file;
  private LiveCells cells;
  private Reloader reloader;
  private Metrics metrics;
  private final FaultyFollowers followers = new FaultyFollowers();

  /** Fails as often as it is told to, before the next snapshot is made or after it is in force. */
  private static final class FaultyFollowers implements Reloader.Followers {
    int failuresBefore;
    int failuresAfter;
    int tries;
    Snapshot told;

    @Override
    public void before(CellMap next) {
      tries++;
      if (failuresBefore-- > 0) {
        throw new IllegalStateException("no room");
      }
    }

    @Override
    public void after(Snapshot current) {
      if (failuresAfter-- > 0) {
        throw new OutOfMemoryError("no thread");
      }
      told = current;
    }
  }

  @BeforeEach
  void start() throws Exception {
    file = folder.resolve("cells.yaml");
    write(3, cell("1", ""), cell("2", ""));
    Map<String, String> environment = Map.of("ROUTER_CONFIG", file.toString());
    RouterConfig config = ConfigLoader.load(environment);
    CellMap map = CellMap.of(1, config.cells());
    metrics = new Metrics(config.cells(), new BuildInfo("test"));
    cells =
        new LiveCells(
            new Snapshot(
                map,
                CellGates.of(map),
                CellClients.of(
                    map,
                    config,
                    ByteBudget.forAnswers(),
                    metrics,
                    new Ids(new Random(1)),
                    Tracer.off(),
                    log),
                config.clientRates()));
    reloader =
        new Reloader(
            config,
            cells,
            Optional.of(
                new ConfigFile(
                    file, content -> ConfigLoader.load(environment, content), time -> {})),
            followers,
            metrics,
            log,
            new Reloader.Time(
                new Clock() {
                  @Override
                  public Instant instant() {
                    return wall;
                  }

                  @Override
                  public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                  }

                  @Override
                  public Clock withZone(java.time.ZoneId zone) {
                    return this;
                  }
                },
                nanos));
    reloader.look();
  }

  @AfterEach
  void stop() {
    cells.snapshot().clients().close();
    writer.close();
  }

  @Test
  void theFileThatWasStartedWithIsNoChange() {
    assertEquals(1, cells.snapshot().map().version());
    assertEquals(Freshness.CURRENT, reloader.config().freshness());
    assertEquals(3, reloader.config().version());
  }

  @Test
  void anOverrideEndsAfterItsTimeWhateverTheWallClockDoes() throws Exception {
    assertEquals(Outcome.MADE, reloader.change(set("1", CellState.DRAINING, 40, 600), "alice"));
    assertEquals(CellState.DRAINING, cell("1").state());
    assertEquals(40, cell("1").share());
    assertEquals(NOON.plusSeconds(600), reloader.override("1").orElseThrow().expiresAt());

    wall = NOON.plus(Duration.ofDays(400));
    reloader.look();
    assertEquals(CellState.DRAINING, cell("1").state(), "the wall clock jumped ahead");

    wall = NOON.minus(Duration.ofDays(400));
    nanos.advance(Duration.ofSeconds(600).minusNanos(1));
    reloader.look();
    assertEquals(CellState.DRAINING, cell("1").state(), "a nanosecond is left");
    nanos.advance(1);
    reloader.look();

    assertEquals(CellState.ACTIVE, cell("1").state(), "the wall clock had jumped back");
    assertEquals(100, cell("1").share());
    assertTrue(reloader.override("1").isEmpty());
    List<String> audit = audit();
    assertEquals(2, audit.size(), audit.toString());
    assertTrue(
        audit
            .getLast()
            .contains(
                "\"message\":\"override expired\",\"who\":\"alice\",\"cell_id\":\"1\","
                    + "\"before\":\"state=draining share=40\",\"after\":\"state=active share=100\","
                    + "\"expires\":\"2026-11-24T12:10:00Z\",\"reason\":\"because\""),
        audit.getLast());
  }

  @Test
  void noChangeIsMadeWithoutItsLineInTheLog() throws Exception {
    gone = true;
    log.warn("the output breaks with this one");
    Eventually.isTrue(() -> !log.keeps());

    assertEquals(
        Outcome.NOT_LOGGED, reloader.change(set("1", CellState.DRAINING, 40, 600), "alice"));
    assertEquals(CellState.ACTIVE, cell("1").state());
    write(4, cell("1", ", max_in_flight: 9"), cell("2", ""));
    reloader.look();
    assertEquals(9, cell("1").policy().bulkhead().most(), "the file is its own record");

    gone = false;
    log.warn("it is back");
    Eventually.isTrue(log::keeps);
    assertEquals(Outcome.MADE, reloader.change(set("1", CellState.DRAINING, 40, 600), "alice"));
    assertEquals(CellState.DRAINING, cell("1").state());
    assertEquals(1, audit().stream().filter(line -> line.contains("cell overridden")).count());
  }

  @Test
  void anOverrideThatCannotBeEndedIsTriedRarerAndTheFileIsLookedAtMeanwhile() throws Exception {
    reloader.change(set("1", CellState.DRAINING, 100, 60), "alice");
    nanos.advance(Duration.ofSeconds(60));
    followers.failuresBefore = Integer.MAX_VALUE;
    int before = followers.tries;
    Files.writeString(file, "cells: [");
    for (int second = 0; second < 600; second++) {
      reloader.look();
      nanos.advance(Reloader.INTERVAL);
    }

    assertEquals(Freshness.STALE, reloader.config().freshness(), "the bad file was looked at");
    assertEquals(CellState.DRAINING, cell("1").state());
    // After 0, 1, 3, 7, 15, 31 and 63 s, then once a minute.
    assertEquals(7 + (600 - 64) / 60, followers.tries - before);

    followers.failuresBefore = 0;
    nanos.advance(Duration.ofMinutes(1));
    reloader.look();
    assertEquals(CellState.ACTIVE, cell("1").state());
    List<String> audit = audit();
    assertEquals(1, audit.stream().filter(line -> line.contains("override expired")).count());
    assertEquals(1, lines().stream().filter(line -> line.contains("could not be ended")).count());
  }

  @Test
  void anOverrideThatIsInForceIsAuditedAlthoughAFollowerFailed() throws Exception {
    followers.failuresAfter = 1;
    assertThrows(
        OutOfMemoryError.class,
        () -> reloader.change(set("1", CellState.DRAINING, 100, 60), "alice"));
    assertEquals(CellState.DRAINING, cell("1").state());
    reloader.look();
    assertSame(cells.snapshot(), followers.told, "made up for at the next look");

    nanos.advance(Duration.ofSeconds(60));
    followers.failuresAfter = 1;
    reloader.look();
    reloader.look();
    assertSame(cells.snapshot(), followers.told);
    List<String> audit = audit();
    assertEquals(1, audit.stream().filter(line -> line.contains("cell overridden")).count());
    assertEquals(1, audit.stream().filter(line -> line.contains("override expired")).count());
  }

  @Test
  void aLaterOverrideReplacesTheEarlierAsAWhole() throws Exception {
    reloader.change(set("1", CellState.READ_ONLY, 40, 60), "alice");
    reloader.change(
        new CellChange.Set("1", Optional.empty(), Optional.of(41), Duration.ofSeconds(600), ""),
        "bob");

    assertEquals(CellState.ACTIVE, cell("1").state());
    assertEquals(41, cell("1").share());
    nanos.advance(Duration.ofSeconds(60));
    reloader.look();
    assertEquals(41, cell("1").share(), "the time of the first has no meaning any more");
  }

  @Test
  void anUnknownCellIsNotOverriddenAndAnOverrideThatIsNotThereNotTakenBack() {
    assertEquals(
        Outcome.NO_SUCH_CELL, reloader.change(set("9", CellState.DRAINING, 1, 5), "alice"));
    assertEquals(Outcome.MADE, reloader.change(new CellChange.Clear("1", ""), "alice"));
    assertEquals(1, cells.snapshot().map().version());
    assertEquals(List.of(), audit());
  }

  @Test
  void anOverrideStaysWhileItsCellIsGoneAndEndsWithoutIt() throws Exception {
    reloader.change(set("2", CellState.DRAINING, 100, 600), "alice");
    write(4, cell("1", ""));
    reloader.look();
    assertTrue(cells.snapshot().map().find("2").isEmpty());
    write(5, cell("1", ""), cell("2", ", state: read_only"));
    reloader.look();
    assertEquals(CellState.DRAINING, cell("2").state(), "the operator's word holds");
    write(6, cell("1", ""));
    reloader.look();
    nanos.advance(Duration.ofSeconds(600));
    reloader.look();
    write(7, cell("1", ""), cell("2", ", state: read_only"));
    reloader.look();

    assertEquals(CellState.READ_ONLY, cell("2").state());
    assertTrue(
        audit().stream().anyMatch(line -> line.contains("override of a removed cell expired")));
  }

  @Test
  void gatesAndConnectionsStayWithTheirAddresses() throws Exception {
    Snapshot before = cells.snapshot();
    Cell one = cell("1");
    Cell two = cell("2");
    write(4, cell("1", ", max_in_flight: 9"), "  \"2\": {name: b, url: \"http://127.0.0.1:3\"}\n");
    reloader.look();
    Snapshot after = cells.snapshot();

    assertEquals(9, cell("1").policy().bulkhead().most());
    assertSame(before.gates().of(one), after.gates().of(cell("1")));
    assertTrue(
        before.gates().of(two) != after.gates().of(cell("2")),
        "another address, of which nothing is learnt yet");
    assertSame(before.clients().of(one).endpoints(), after.clients().of(cell("1")).endpoints());
    assertTrue(
        before.clients().of(two).endpoints() != after.clients().of(cell("2")).endpoints(),
        "another address, other connections");
    assertSame(before.gates().of(two), before.gates().of(two), "the old view still works");
  }

  @Test
  void onlyTheVersionMayChangeToo() throws Exception {
    write(9, cell("1", ""), cell("2", ""));
    reloader.look();
    assertEquals(9, reloader.config().version());
    assertEquals(1, cells.snapshot().map().version(), "nothing that requests could notice");

    write(8, cell("1", ""), cell("2", ""));
    reloader.look();
    assertEquals(Freshness.STALE, reloader.config().freshness());
    assertTrue(
        reloader.config().problems().getFirst().contains("version 8 is older than version 9"));
    write(0, cell("1", ""));
    reloader.look();
    assertTrue(reloader.config().problems().getFirst().contains("older"), "without one too");
    assertEquals(9, reloader.config().version());
  }

  @Test
  void eachBadContentIsToldOfOnce() throws Exception {
    Files.writeString(file, "cells: [");
    for (int i = 0; i < 5; i++) {
      reloader.look();
    }
    writer.close();

    assertEquals(1, lines().stream().filter(line -> line.contains("stays in force")).count());
  }

  @Test
  void aGoodFileThatCouldNotBePutInForceIsTriedAgainAtTheNextLook() throws Exception {
    write(4, cell("1", ", max_in_flight: 9"));
    followers.failuresBefore = 1;

    reloader.look();
    assertEquals(Freshness.STALE, reloader.config().freshness());
    assertEquals(3, reloader.config().version());
    assertTrue(reloader.config().problems().getFirst().contains("cannot be put in force"));
    reloader.look();

    assertEquals(Freshness.CURRENT, reloader.config().freshness());
    assertEquals(4, reloader.config().version());
    assertEquals(9, cell("1").policy().bulkhead().most());
    assertEquals(1, reloads("failure"));
    assertEquals(2, reloads("success"), "the start is one");
    assertEquals(1, audit().stream().filter(line -> line.contains("reloaded")).count());
  }

  @Test
  void triesOfOneContentGetRarerAreAllCountedAndToldOfOnce() throws Exception {
    write(4, cell("1", ""));
    followers.failuresBefore = Integer.MAX_VALUE;

    for (int second = 0; second < 600; second++) {
      reloader.look();
      nanos.advance(Reloader.INTERVAL);
    }

    // After 0, 1, 3, 7, 15, 31 and 63 s, then once a minute.
    assertEquals(7 + (600 - 64) / 60, followers.tries);
    assertEquals(followers.tries, reloads("failure"));
    writer.close();
    assertEquals(1, lines().stream().filter(line -> line.contains("stays in force")).count());
    assertEquals(1, lines().stream().filter(line -> line.contains("tried again")).count());
  }

  @Test
  void anotherContentEndsTheTriesOfTheOneBefore() throws Exception {
    write(4, cell("1", ""));
    followers.failuresBefore = 1;
    reloader.look();
    Files.writeString(file, "cells: [");
    for (int i = 0; i < 3; i++) {
      reloader.look();
      nanos.advance(Duration.ofMinutes(2));
    }

    assertEquals(1, followers.tries);
    assertEquals(Freshness.STALE, reloader.config().freshness());
    assertEquals(2, cells.snapshot().map().cells().size());
  }

  @Test
  void whoeverMissedASnapshotIsToldOfItAtTheNextTry() throws Exception {
    write(4, cell("1", ""));
    followers.failuresAfter = 1;
    reloader.look();
    reloader.look();

    assertSame(cells.snapshot(), followers.told);
    assertEquals(1, followers.tries, "it is in force already");
    assertEquals(Freshness.CURRENT, reloader.config().freshness());
    List<String> audit = audit();
    assertTrue(audit.stream().anyMatch(line -> line.contains("\"before\":\"version 3\"")));
    assertTrue(audit.stream().anyMatch(line -> line.contains("configuration changed")));
  }

  @Test
  void theRatesOfClientsArePartOfTheSnapshot() throws Exception {
    Files.writeString(
        file,
        "version: 4\ncells:\n" + cell("1", "") + cell("2", "") + "clients:\n  acme: {rate: 7}\n");
    reloader.look();

    assertEquals(7, cells.snapshot().rates().of("acme").perSecond());
    assertEquals(0, cells.snapshot().rates().of("other").perSecond());
    assertEquals(2, cells.snapshot().map().version());
  }

  /**
   * Whatever is seen while configurations and overrides change: each snapshot is one of those that
   * were put in force, whole. In each file, number n, all cells carry the limit n, and which cells
   * there are follows from n.
   */
  @Test
  void noSnapshotIsEverMixed() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    List<CompletableFuture<Long>> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      readers.add(CompletableFuture.supplyAsync(() -> read(stop)));
    }
    Random random = new Random(20261124);
    for (int n = 10; n < 150; n++) {
      List<String> lines = new ArrayList<>();
      for (String id : cellsOf(n)) {
        lines.add(
            "  \"%s\": {name: c%s, url: \"http://127.0.0.1:%d\", max_in_flight: %d}\n"
                .formatted(id, id, 1_000 + n % 3, n));
      }
      Files.writeString(
          file,
          "version: %d\ncells:\n%sclients:\n  acme: {rate: %d}\n"
              .formatted(n, String.join("", lines), n));
      reloader.look();
      reloader.change(
          new CellChange.Set(
              cellsOf(n).iterator().next(),
              Optional.empty(),
              Optional.of(random.nextInt(101)),
              Duration.ofSeconds(1 + random.nextInt(5)),
              ""),
          "alice");
      nanos.advance(Duration.ofSeconds(1));
    }
    stop.set(true);
    long seen = 0;
    for (CompletableFuture<Long> reader : readers) {
      seen += reader.get();
    }
    assertTrue(seen > 100, "only " + seen + " snapshots were looked at");
    assertTrue(cells.snapshot().map().version() > 250);
  }

  private static Set<String> cellsOf(int n) {
    Set<String> ids = new java.util.TreeSet<>();
    for (int bit = 0; bit < 5; bit++) {
      if (((n + 1) >> bit & 1) == 1 || bit == n % 5) {
        ids.add("c" + bit);
      }
    }
    return ids;
  }

  private long read(AtomicBoolean stop) {
    long seen = 0;
    long last = 0;
    while (!stop.get()) {
      Snapshot snapshot = cells.snapshot();
      long version = snapshot.map().version();
      assertTrue(version >= last, "went back");
      if (version > last && snapshot.rates().of("acme").perSecond() > 0) {
        seen++;
        check(snapshot);
      }
      last = version;
    }
    return seen;
  }

  private static void check(Snapshot snapshot) {
    int n = (int) snapshot.rates().of("acme").perSecond();
    Set<String> ids = new HashSet<>();
    for (Cell cell : snapshot.map().cells()) {
      ids.add(cell.id());
      assertEquals(n, cell.policy().bulkhead().most(), "a policy of another file");
      assertEquals(1_000 + n % 3, cell.addresses().getFirst().api().getPort());
      assertTrue(snapshot.gates().of(cell) != null, "no gate");
      assertTrue(
          snapshot.clients().of(cell).endpoints().list().stream()
              .allMatch(each -> each.address().endsWith(":" + (1_000 + n % 3))),
          "connections to other addresses");
    }
    assertEquals(cellsOf(n), new java.util.TreeSet<>(ids), "the cells of another file");
  }

  private Cell cell(String id) {
    return cells.snapshot().map().find(id).orElseThrow();
  }

  private static CellChange.Set set(String id, CellState state, int share, int seconds) {
    return new CellChange.Set(
        id, Optional.of(state), Optional.of(share), Duration.ofSeconds(seconds), "because");
  }

  private static String cell(String id, String more) {
    return "  \"%s\": {name: c%s, url: \"http://127.0.0.1:1\"%s}\n".formatted(id, id, more);
  }

  private void write(int version, String... each) throws Exception {
    Files.writeString(
        file,
        (version == 0 ? "" : "version: " + version + "\n") + "cells:\n" + String.join("", each));
  }

  private int reloads(String result) {
    return new String(metrics.page().render("").body(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("router_config_reloads_total{result=\"" + result))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private List<String> audit() {
    writer.close();
    return lines().stream().filter(line -> line.contains("\"logger\":\"audit\"")).toList();
  }

  private List<String> lines() {
    return logged.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
