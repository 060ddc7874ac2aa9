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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/**
 * All metrics of the router, in a registry of its own. Together with {@link MetricsPage} and {@link
 * CellMetrics} the only place that knows the client library, which is frozen and may have to be
 * replaced one day.
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
  private final Map<String, CellMetrics> byCell = new LinkedHashMap<>();
  private final Families families;
  private final Counter authFailures;
  private final Counter keyReloads;

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
   * @param cells every configured cell: the series of each exist at 0 from the start
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
                "Second attempts after a failed connect, by how they ended.",
                "cell_id",
                "outcome"));
    authFailures = counter("router_auth_failures", "Requests without a known API key.", "reason");
    keyReloads = counter("router_api_key_reloads", "Times API_KEYS_FILE was read again.", "result");
    Stream.of(Reason.KEY_MISSING, Reason.KEY_UNKNOWN)
        .forEach(reason -> authFailures.labels(reason.code()));
    Stream.of("success", "failure").forEach(keyReloads::labels);
    Counter configReloads =
        counter("router_config_reloads", "Times ROUTER_CONFIG was read, by result.", "result");
    configReloads.labels("success").inc();
    configReloads.labels("failure");
    Gauge.build("router_build_info", "What is running; always 1.")
        .labelNames("version", "java")
        .register(registry)
        .labels(build.version(), Runtime.version().toString())
        .set(1);

    Gauge state =
        Gauge.build("router_cell_state", "1 for the state the cell is in.")
            .labelNames("cell_id", "state")
            .register(registry);
    for (CellConfig cell : cells) {
      byCell.put(cell.id(), new CellMetrics(cell.id(), cell.name(), families));
      for (CellConfig.CellState each : CellConfig.CellState.values()) {
        state.labels(cell.id(), each.label()).set(each == cell.state() ? 1 : 0);
      }
    }
    byCell.put(UNKNOWN_CELL, new CellMetrics(UNKNOWN_CELL, "", families));
    byCell.put(NO_CELL, new CellMetrics(NO_CELL, "", families));
  }

  /** The metrics of a configured cell, of {@link #UNKNOWN_CELL} or of {@link #NO_CELL}. */
  public CellMetrics cell(String id) {
    CellMetrics metrics = byCell.get(id);
    return metrics == null ? byCell.get(UNKNOWN_CELL) : metrics;
  }

  /** Creates the series of clients that may come, at 0: a first failure must be seen as a rise. */
  public void expectClients(Collection<String> clients) {
    byCell.values().forEach(cell -> clients.forEach(cell::expect));
  }

  public void authFailed(Reason reason) {
    authFailures.labels(reason.code()).inc();
  }

  public void keysReloaded(boolean success) {
    keyReloads.labels(success ? "success" : "failure").inc();
  }

  /** A gauge that is read when it is scraped. */
  public void gauge(String name, String help, DoubleSupplier value) {
    registry.register(new ReadOnScrape(name, help, List.of(), Map.of(List.of(), value)));
  }

  /** Requests in flight of every cell, read when scraped. */
  public void inFlight(Map<String, IntSupplier> byCellId) {
    perCell(
        "router_inflight_requests", "Requests admitted to the cell and not finished.", byCellId);
  }

  /** 1 while the last probe of the cell found it healthy, read when scraped. */
  public void cellUp(Map<String, IntSupplier> byCellId) {
    perCell("router_cell_up", "Whether the cell's last probe found it healthy.", byCellId);
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

  private void perCell(String name, String help, Map<String, IntSupplier> byCellId) {
    Map<List<String>, DoubleSupplier> values = new LinkedHashMap<>();
    byCellId.forEach((id, value) -> values.put(List.of(id), value::getAsInt));
    registry.register(new ReadOnScrape(name, help, List.of("cell_id"), values));
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

  /** A gauge family whose values live elsewhere. */
  private static final class ReadOnScrape extends Collector {
    private final String name;
    private final String help;
    private final List<String> labels;
    private final Map<List<String>, DoubleSupplier> values;

    ReadOnScrape(
        String name, String help, List<String> labels, Map<List<String>, DoubleSupplier> values) {
      this.name = name;
      this.help = help;
      this.labels = labels;
      this.values = values;
    }

    @Override
    public List<MetricFamilySamples> collect() {
      Collection<MetricFamilySamples.Sample> samples =
          values.entrySet().stream()
              .map(
                  entry ->
                      new MetricFamilySamples.Sample(
                          name, labels, entry.getKey(), entry.getValue().getAsDouble()))
              .toList();
      return List.of(new MetricFamilySamples(name, Type.GAUGE, help, List.copyOf(samples)));
    }
  }
}
