package io.cellrouter.telemetry;

import io.prometheus.client.Collector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A family whose values live elsewhere. */
final class ReadOnScrape extends Collector {
  private final String name;
  private final String help;
  private final List<String> labels;
  private final Supplier<Map<List<String>, Double>> values;
  private final boolean counter;
  private final Map<List<String>, Double> kept = new LinkedHashMap<>(); // Guarded by itself.

  /**
   * @param counter whether what was once shown stays
   */
  ReadOnScrape(
      String name,
      String help,
      List<String> labels,
      Supplier<Map<List<String>, Double>> values,
      boolean counter) {
    this.name = name;
    this.help = help;
    this.labels = labels;
    this.values = values;
    this.counter = counter;
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Map<List<String>, Double> current = values.get();
    if (counter) {
      synchronized (kept) {
        kept.putAll(current);
        current = new LinkedHashMap<>(kept);
      }
    }
    String sample = counter ? name + "_total" : name;
    List<MetricFamilySamples.Sample> samples =
        current.entrySet().stream()
            .map(
                entry ->
                    new MetricFamilySamples.Sample(
                        sample, labels, entry.getKey(), entry.getValue()))
            .toList();
    return List.of(
        new MetricFamilySamples(name, counter ? Type.COUNTER : Type.GAUGE, help, samples));
  }

  /** The values of a family whose only label is the cell. */
  static <N extends Number> Map<List<String>, Double> one(Map<String, N> byCellId) {
    Map<List<String>, Double> values = new LinkedHashMap<>();
    byCellId.forEach((id, value) -> values.put(List.of(id), value.doubleValue()));
    return values;
  }

  /** The values of a family with one more label. */
  static <N extends Number> Map<List<String>, Double> flat(Map<String, Map<String, N>> byCellId) {
    Map<List<String>, Double> values = new LinkedHashMap<>();
    byCellId.forEach(
        (id, byLabel) ->
            byLabel.forEach((label, value) -> values.put(List.of(id, label), value.doubleValue())));
    return values;
  }
}
