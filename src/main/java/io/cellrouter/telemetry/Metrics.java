package io.cellrouter.telemetry;

import io.cellrouter.config.CellConfig;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.hotspot.BufferPoolsExports;
import io.prometheus.client.hotspot.ClassLoadingExports;
import io.prometheus.client.hotspot.GarbageCollectorExports;
import io.prometheus.client.hotspot.MemoryPoolsExports;
import io.prometheus.client.hotspot.StandardExports;
import io.prometheus.client.hotspot.ThreadExports;
import io.prometheus.client.hotspot.VersionInfoExports;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * All metrics of the router, in a registry of its own. Together with {@link MetricsPage}, {@link
 * CellMetrics} and {@link ReadOnScrape} the only place that knows the client library, which is
 * frozen and may have to be replaced one day.
 *
 * <p>Labels are bounded: cell ids are the configured ones, {@code unknown} or empty; methods are
 * the known ones or {@code other}; clients are the configured ones, {@code anonymous} or empty.
 */
public final class Metrics {
  /** The {@code cell_id} of a request that names no configured cell. */
  public static final String UNKNOWN_CELL = "unknown";

  /** The {@code cell_id} of a request that has nothing to do with a cell. */
  public static final String NO_CELL = "";

  /** From a tenth of a millisecond, where the router's own time lies, to the longest deadlines. */
  private static final double[] SECONDS = {
    .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 2.5, 5, 10, 30
  };

  /** The router's own time: finer where it matters. */
  private static final double[] OVERHEAD_SECONDS = {
    .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1
  };

  private final CollectorRegistry registry = new CollectorRegistry(true);
  private final Families families;
  private final Counter authFailures;
  private final Counter keyReloads;
  private final Counter configReloads;
  private final Object expecting = new Object();
  private final Set<String> clients = new TreeSet<>(); // Guarded by expecting.

  /** Replaced as a whole, so that a request looks a cell up without a lock. */
  private volatile Map<String, CellMetrics> byCell = Map.of();

  /** The families that {@link CellMetrics} takes its children from. */
  record Families(
      Counter requests,
      Histogram duration,
      Histogram upstream,
      Histogram overhead,
      Counter upstreamErrors,
      Counter refused,
      Counter retries) {}

  /**
   * @param cells those there are at the start; {@link #expectCells} adds more
   */
  public Metrics(List<CellConfig> cells, BuildInfo build) {
    families =
        new Families(
            counter(
                "router_requests", "Requests answered.", "cell_id", "status", "method", "client"),
            histogram(
                "router_request_duration_seconds",
                "Time from reading a request to its last byte written.",
                SECONDS,
                "cell_id",
                "method"),
            histogram(
                "router_upstream_duration_seconds",
                "Time spent waiting for the cell.",
                SECONDS,
                "cell_id"),
            histogram(
                "router_overhead_seconds",
                "The router's own part of a routed request: its duration less the cell's.",
                OVERHEAD_SECONDS,
                "cell_id"),
            counter(
                "router_upstream_errors",
                "Exchanges that failed, and answers of 500 and above from the cell.",
                "cell_id",
                "upstream"),
            counter(
                "router_refused",
                "Requests that the router itself refused or failed, by reason.",
                "cell_id",
                "reason"),
            counter(
                "router_retries",
                "Further attempts by how they ended; budget: the retry budget allowed none.",
                "cell_id",
                "outcome"));
    authFailures = counter("router_auth_failures", "Requests without a known API key.", "reason");
    keyReloads = counter("router_api_key_reloads", "Times a key file was read again.", "result");
    Stream.of(Reason.KEY_MISSING, Reason.KEY_UNKNOWN)
        .forEach(reason -> authFailures.labels(reason.code()));
    Stream.of("success", "failure").forEach(keyReloads::labels);
    configReloads =
        counter("router_config_reloads", "Times ROUTER_CONFIG was read, by result.", "result");
    configReloads.labels("success").inc();
    configReloads.labels("failure");
    Gauge.build("router_build_info", "What is running; always 1.")
        .labelNames("version", "java")
        .register(registry)
        .labels(build.version(), Runtime.version().toString())
        .set(1);
    byCell =
        Map.of(
            UNKNOWN_CELL, new CellMetrics(UNKNOWN_CELL, "", families),
            NO_CELL, new CellMetrics(NO_CELL, "", families));
    expectCells(cells);
  }

  /** The metrics of a configured cell, of {@link #UNKNOWN_CELL} or of {@link #NO_CELL}. */
  public CellMetrics cell(String id) {
    Map<String, CellMetrics> current = byCell;
    CellMetrics metrics = current.get(id);
    return metrics == null ? current.get(UNKNOWN_CELL) : metrics;
  }

  /**
   * Creates the series of cells that requests may come for, at 0. What has been counted for a cell
   * stays, also when it is no longer among them: a counter that vanished would be a gap in every
   * rate, and requests of its last moments still count.
   */
  public void expectCells(Collection<CellConfig> cells) {
    synchronized (expecting) {
      Map<String, CellMetrics> next = new HashMap<>(byCell);
      for (CellConfig cell : cells) {
        CellMetrics known = next.get(cell.id());
        if (known == null || !known.upstreamName().equals(cell.name())) {
          CellMetrics fresh = new CellMetrics(cell.id(), cell.name(), families);
          clients.forEach(fresh::expect);
          next.put(cell.id(), fresh);
        }
      }
      byCell = Map.copyOf(next);
    }
  }

  /** Creates the series of clients that may come, at 0: a first failure must be seen as a rise. */
  public void expectClients(Collection<String> names) {
    synchronized (expecting) {
      clients.addAll(names);
      byCell.values().forEach(cell -> names.forEach(cell::expect));
    }
  }

  public void authFailed(Reason reason) {
    authFailures.labels(reason.code()).inc();
  }

  public void keysReloaded(boolean success) {
    keyReloads.labels(success ? "success" : "failure").inc();
  }

  public void configReloaded(boolean success) {
    configReloads.labels(success ? "success" : "failure").inc();
  }

  /** A gauge that is read when it is scraped. */
  public void gauge(String name, String help, DoubleSupplier value) {
    registry.register(
        new ReadOnScrape(
            name, help, List.of(), () -> Map.of(List.of(), value.getAsDouble()), false));
  }

  /**
   * A gauge with a value for each cell there is when it is scraped; it ends with its cell.
   *
   * @param byCellId asked at each scrape
   */
  public void perCell(String name, String help, Supplier<Map<String, Integer>> byCellId) {
    registry.register(
        new ReadOnScrape(
            name, help, List.of("cell_id"), () -> ReadOnScrape.one(byCellId.get()), false));
  }

  /**
   * The same with a second label.
   *
   * @param byCellId for each cell a value for each value of the label
   */
  public void perCell(
      String name,
      String help,
      String label,
      Supplier<Map<String, Map<String, Integer>>> byCellId) {
    registry.register(
        new ReadOnScrape(
            name, help, List.of("cell_id", label), () -> ReadOnScrape.flat(byCellId.get()), false));
  }

  /**
   * A count of each cell that is kept elsewhere and only grows. It stays when its cell goes, and
   * starts again from 0 should the cell come back.
   *
   * @param name without {@code _total}
   */
  public void countPerCell(String name, String help, Supplier<Map<String, Long>> byCellId) {
    registry.register(
        new ReadOnScrape(
            name, help, List.of("cell_id"), () -> ReadOnScrape.one(byCellId.get()), true));
  }

  /** The same with a second label. */
  public void countPerCell(
      String name, String help, String label, Supplier<Map<String, Map<String, Long>>> byCellId) {
    registry.register(
        new ReadOnScrape(
            name, help, List.of("cell_id", label), () -> ReadOnScrape.flat(byCellId.get()), true));
  }

  /** A count kept elsewhere that only grows. */
  public void counter(String name, String help, DoubleSupplier value) {
    registry.register(
        new Collector() {
          @Override
          public List<MetricFamilySamples> collect() {
            return List.of(
                new io.prometheus.client.CounterMetricFamily(name, help, value.getAsDouble()));
          }
        });
  }

  /**
   * Adds the JVM's and the process's metrics; costs class loading, so not on the way to serving.
   */
  public void registerProcess() {
    List.of(
            new StandardExports(),
            new MemoryPoolsExports(),
            new BufferPoolsExports(),
            new GarbageCollectorExports(),
            new ThreadExports(),
            new ClassLoadingExports(),
            new VersionInfoExports())
        .forEach(registry::register);
  }

  /** The page of all metrics. */
  public MetricsPage page() {
    return new MetricsPage(registry);
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.build(name, help).labelNames(labels).withoutExemplars().register(registry);
  }

  private Histogram histogram(String name, String help, double[] buckets, String... labels) {
    return Histogram.build(name, help)
        .labelNames(labels)
        .buckets(buckets)
        .withoutExemplars()
        .register(registry);
  }
}
