package io.cellrouter.lifecycle;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellChange;
import io.cellrouter.cell.CellMap;
import io.cellrouter.cell.CellOverride;
import io.cellrouter.cell.ConfigStatus;
import io.cellrouter.config.Advice;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.ConfigDiff;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.handler.CellControl;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The only writer of {@link LiveCells}: what is in force is the last good configuration with the
 * overrides on top, and each change of either becomes one new snapshot.
 *
 * <p>Of the configuration only the cells, their policies and the clients' rates are followed; all
 * else, the environment too, is as it was at the start. A file that is gone, empty, invalid or
 * older changes nothing; that is logged and counted once for each such content, and shown for as
 * long as it lasts. One that is good and cannot be put in force is {@link Postponed}: logged once
 * too, each try counted. Overrides live in this process only, and end by the monotonic clock.
 */
final class Reloader implements CellControl {
  /** How soon a changed file and an expired override are noticed. */
  static final Duration INTERVAL = Duration.ofSeconds(1);

  private final LiveCells cells;
  private final Optional<ConfigFile> file;
  private final Followers followers;
  private final Metrics metrics;
  private final Audit audit;
  private final Log log;
  private final Time time;

  private RouterConfig good; // Guarded by this.
  private List<CellConfig> inForce; // Guarded by this.
  private boolean looked; // Guarded by this.
  private boolean followed = true; // Guarded by this; false: followers lag behind the snapshot.
  private Optional<Postponed> postponed = Optional.empty(); // Guarded by this.
  private Optional<Postponed> ending = Optional.empty(); // Guarded by this; of expired overrides.
  private volatile Map<String, CellOverride> overrides = Map.of(); // Written under this.
  private volatile ConfigStatus status; // Written under this.

  /** What has to keep step with the snapshot in force. */
  interface Followers {
    /** Makes ready for what will be in force in a moment. */
    void before(CellMap next);

    /** It is in force now. */
    void after(Snapshot current);
  }

  /**
   * The two clocks.
   *
   * @param wall for what is shown
   * @param nanos monotonic, for what is decided
   */
  record Time(Clock wall, LongSupplier nanos) {
    static Time system() {
      return new Time(Clock.systemUTC(), System::nanoTime);
    }
  }

  /**
   * @param config that {@code cells} was made of
   * @param file to follow, if any
   */
  Reloader(
      RouterConfig config,
      LiveCells cells,
      Optional<ConfigFile> file,
      Followers followers,
      Metrics metrics,
      Log log,
      Time time) {
    this.good = config;
    this.inForce = config.cells();
    this.cells = cells;
    this.file = file;
    this.followers = followers;
    this.metrics = metrics;
    this.audit = new Audit(log);
    this.log = log.named("config");
    this.time = time;
    this.status = status(config, List.of());
  }

  /** Follows file and clock until interrupted. */
  void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(INTERVAL);
        look();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException | Error e) {
        // Whatever it was: the next good file must still be taken, the next override still end.
        log.error("following ROUTER_CONFIG failed", e);
      }
    }
  }

  /** Looks at the file and at the overrides' time once. */
  void look() throws InterruptedException {
    expire();
    if (file.isPresent()) {
      switch (file.get().look()) {
        case ConfigFile.Found.Nothing nothing -> tryAgain();
        case ConfigFile.Found.Good(RouterConfig config) -> take(config);
        case ConfigFile.Found.Bad(List<String> problems) -> reject(problems);
      }
    }
  }

  @Override
  public synchronized Outcome change(CellChange change, String by) {
    Optional<Cell> before = cells.snapshot().map().find(change.cellId());
    if (before.isEmpty()) {
      return Outcome.NO_SUCH_CELL;
    }
    if (!audit.keeps()) {
      return Outcome.NOT_LOGGED;
    }
    Map<String, CellOverride> next = new HashMap<>(overrides);
    switch (change) {
      case CellChange.Set set -> {
        CellOverride override = override(set, by);
        next.put(set.cellId(), override);
        try {
          swap(good, next);
        } finally {
          if (override.equals(overrides.get(set.cellId()))) { // In force, whoever lags behind.
            audit.overridden(before.get(), now(set.cellId()), override);
          }
        }
      }
      case CellChange.Clear(String cellId, String reason) -> {
        if (next.remove(cellId) != null) {
          try {
            swap(good, next);
          } finally {
            if (!overrides.containsKey(cellId)) {
              audit.cleared(before.get(), now(cellId), by, reason);
            }
          }
        }
      }
    }
    return Outcome.MADE;
  }

  @Override
  public Optional<CellOverride> override(String cellId) {
    return Optional.ofNullable(overrides.get(cellId));
  }

  @Override
  public ConfigStatus config() {
    return status;
  }

  private CellOverride override(CellChange.Set set, String by) {
    return new CellOverride(
        set.state(),
        set.share(),
        by,
        set.reason(),
        time.wall().instant().plus(set.expiresIn()),
        time.nanos().getAsLong() + set.expiresIn().toNanos());
  }

  /** What cannot be ended now is tried again, rarer each time; the file is looked at meanwhile. */
  private synchronized void expire() {
    long now = time.nanos().getAsLong();
    Map<String, CellOverride> left = new HashMap<>(overrides);
    left.values().removeIf(override -> override.expired(now));
    if (left.size() == overrides.size() && followed) {
      ending = Optional.empty();
      return;
    }
    if (ending.isPresent() && !ending.get().isDue(now)) {
      return;
    }
    Map<String, CellOverride> ended = new TreeMap<>(overrides);
    ended.keySet().removeAll(left.keySet());
    CellMap before = cells.snapshot().map();
    try {
      swap(good, left);
      ending = Optional.empty();
    } catch (RuntimeException | Error e) {
      if (ending.isEmpty()) {
        log.error("an expired override could not be ended; it is tried again", e);
      }
      ending =
          Optional.of(
              ending
                  .map(earlier -> earlier.again(now))
                  .orElseGet(() -> Postponed.first(good, good, now)));
      if (!overrides.equals(left)) {
        return;
      }
    }
    ended.forEach(
        (id, override) ->
            before
                .find(id)
                .ifPresentOrElse(
                    cell -> audit.expired(cell, now(id), override),
                    () -> audit.expired(id, override)));
  }

  private synchronized void take(RouterConfig config) {
    long version = config.source().version();
    RouterConfig before = good;
    long least = before.source().version();
    if (version < least) {
      reject(
          List.of(
              "ROUTER_CONFIG: "
                  + (version == 0 ? "a file without a version" : "version " + version)
                  + " is older than version "
                  + least
                  + ", which is in force; give it a higher one"));
      return;
    }
    boolean first = !looked;
    looked = true;
    if (first && ConfigDiff.between(before, config).isEmpty()) {
      return; // What the router was started with, and counted then.
    }
    try {
      putInForce(config, before);
    } catch (RuntimeException | Error e) {
      log.error("a good configuration could not be put in force; it is tried again", e);
      reject(List.of("ROUTER_CONFIG: cannot be put in force: " + e));
      postponed = Optional.of(Postponed.first(config, before, time.nanos().getAsLong()));
    }
  }

  private synchronized void tryAgain() {
    if (postponed.isEmpty() || !postponed.get().isDue(time.nanos().getAsLong())) {
      return;
    }
    Postponed earlier = postponed.get();
    try {
      putInForce(earlier.config(), earlier.before());
    } catch (RuntimeException | Error e) {
      metrics.configReloaded(false);
      postponed = Optional.of(earlier.again(time.nanos().getAsLong()));
    }
  }

  private void putInForce(RouterConfig config, RouterConfig before) {
    swap(config, overrides);
    postponed = Optional.empty();
    status = status(config, List.of());
    metrics.configReloaded(true);
    audit.reloaded(
        before.source().version(), config.source().version(), ConfigDiff.between(before, config));
    Advice.of(config).stream()
        .filter(sentence -> !Advice.of(before).contains(sentence))
        .forEach(log::warn);
  }

  private synchronized void reject(List<String> problems) {
    looked = true;
    postponed = Optional.empty();
    metrics.configReloaded(false);
    status = new ConfigStatus(status.file(), status.version(), status.loadedAt(), problems);
    problems.forEach(log::warn);
    log.warn("ROUTER_CONFIG cannot be used; the last good configuration stays in force");
  }

  /** Puts this configuration under these overrides in force, all at once. */
  private void swap(RouterConfig config, Map<String, CellOverride> over) {
    List<CellConfig> wanted =
        config.cells().stream()
            .map(cell -> over.containsKey(cell.id()) ? over.get(cell.id()).over(cell) : cell)
            .toList();
    boolean changed = !wanted.equals(inForce) || !config.clientRates().equals(good.clientRates());
    if (changed) {
      metrics.expectCells(wanted);
      Snapshot current = cells.snapshot();
      CellMap map = CellMap.of(current.map().version() + 1, wanted);
      followers.before(map);
      Snapshot next = current.next(map, config.clientRates());
      try {
        next.clients().prepare();
      } catch (RuntimeException | Error e) {
        next.clients().retireAllBut(current.clients()); // What is in force keeps its own.
        followers.before(current.map());
        throw e;
      }
      cells.replace(next);
      current.clients().retireAllBut(next.clients());
    }
    inForce = wanted;
    good = config;
    overrides = Map.copyOf(over);
    if (changed || !followed) {
      followed = false;
      followers.after(cells.snapshot());
      followed = true;
    }
  }

  private Cell now(String cellId) {
    return cells.snapshot().map().find(cellId).orElseThrow();
  }

  private ConfigStatus status(RouterConfig config, List<String> problems) {
    return new ConfigStatus(
        config.source().file(), config.source().version(), time.wall().instant(), problems);
  }
}
