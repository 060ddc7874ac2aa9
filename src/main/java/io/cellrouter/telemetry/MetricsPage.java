package io.cellrouter.telemetry;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/** The metrics as a scrape wants them. */
public final class MetricsPage {
  private final CollectorRegistry registry;

  MetricsPage(CollectorRegistry registry) {
    this.registry = registry;
  }

  /**
   * @param contentType Prometheus 3 refuses a scrape without an exact one
   */
  public record Page(String contentType, byte[] body) {}

  /** Prometheus text, or OpenMetrics (which carries the exemplars) when {@code accept} asks. */
  public Page render(String accept) {
    String contentType = TextFormat.chooseContentType(accept.isEmpty() ? null : accept);
    ByteArrayOutputStream out = new ByteArrayOutputStream(32 * 1_024);
    try (Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8)) {
      TextFormat.writeFormat(contentType, writer, Collections.enumeration(families()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return new Page(contentType, out.toByteArray());
  }

  /**
   * All families without their {@code _created} samples: those double the number of series and tell
   * nothing that {@code process_start_time_seconds} does not.
   */
  private List<Collector.MetricFamilySamples> families() {
    return Collections.list(registry.metricFamilySamples()).stream()
        .map(
            family ->
                new Collector.MetricFamilySamples(
                    family.name,
                    family.unit,
                    family.type,
                    family.help,
                    family.samples.stream()
                        .filter(sample -> !sample.name.endsWith("_created"))
                        .toList()))
        .toList();
  }
}
