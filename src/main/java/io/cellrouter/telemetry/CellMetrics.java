package io.cellrouter.telemetry;

import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The series of one cell id, resolved once, so that a request updates them without looking up
 * labels in the registry.
 */
public final class CellMetrics {
  /**
   * Answers there are of every kind: routed, the cell's own failure, and the router's three. Not
   * 429: a rate limit is told by {@code router_refused_total}, whose reasons all exist from the
   * start, and six series a client and cell would be for nothing.
   */
  private static final int[] EXPECTED = {200, 500, 502, 503, 504};

  private final String cellId;
  private final String upstreamName;
  private final Metrics.Families families;
  private final Map<Reason, Counter.Child> refused = new EnumMap<>(Reason.class);
  private final Map<String, Histogram.Child> duration = new ConcurrentHashMap<>();
  private final Map<RequestLabels, Counter.Child> requests = new ConcurrentHashMap<>();
  private final Histogram.Child upstream;
  private final Histogram.Child overhead;
  private final Counter.Child upstreamErrors;
  private final Counter.Child retrySucceeded;
  private final Counter.Child retryFailed;
  private final Counter.Child retryRefused;

  /**
   * Equality written out: the generated one is linked at its first use, 5 ms on the way to serving.
   */
  private record RequestLabels(int status, String method, String client) {
    @Override
    public boolean equals(Object other) {
      return other instanceof RequestLabels labels
          && status == labels.status
          && method.equals(labels.method)
          && client.equals(labels.client);
    }

    @Override
    public int hashCode() {
      return (status * 31 + method.hashCode()) * 31 + client.hashCode();
    }
  }

  CellMetrics(String cellId, String upstreamName, Metrics.Families families) {
    this.cellId = cellId;
    this.upstreamName = upstreamName;
    this.families = families;
    this.upstream = families.upstream().labels(cellId);
    this.overhead = families.overhead().labels(cellId);
    this.upstreamErrors = families.upstreamErrors().labels(cellId, upstreamName);
    this.retrySucceeded = families.retries().labels(cellId, "success");
    this.retryFailed = families.retries().labels(cellId, "failure");
    this.retryRefused = families.retries().labels(cellId, "budget");
    for (Reason reason : Reason.values()) {
      refused.put(reason, families.refused().labels(cellId, reason.code()));
    }
    expect("anonymous");
    duration.put("POST", families.duration().labels(cellId, "POST"));
  }

  /** Makes the series of a client's requests exist, with the statuses that alerts look at. */
  void expect(String client) {
    for (int status : EXPECTED) {
      requests(new RequestLabels(status, "POST", client));
    }
  }

  private Counter.Child requests(RequestLabels labels) {
    return requests.computeIfAbsent(
        labels,
        each ->
            families
                .requests()
                .labels(cellId, Integer.toString(each.status), each.method, each.client));
  }

  /** The name that its {@code upstream} labels carry. */
  String upstreamName() {
    return upstreamName;
  }

  /** The value of the {@code cell_id} label. */
  public String cellId() {
    return cellId;
  }

  /**
   * Counts one answered request.
   *
   * @param traceId of a sampled trace, to stand as the exemplar; empty otherwise
   */
  public void answered(int status, String method, String client, long nanos, String traceId) {
    requests(new RequestLabels(status, method, client)).inc();
    observe(
        duration.computeIfAbsent(method, each -> families.duration().labels(cellId, each)),
        nanos,
        traceId);
  }

  /** Counts one exchange with the cell, whatever came of it. */
  public void exchanged(long upstreamNanos, long totalNanos, String traceId) {
    observe(upstream, upstreamNanos, traceId);
    observe(overhead, Math.max(0, totalNanos - upstreamNanos), traceId);
  }

  public void refused(Reason reason) {
    refused.get(reason).inc();
  }

  public void upstreamError() {
    upstreamErrors.inc();
  }

  public void retried(boolean success) {
    (success ? retrySucceeded : retryFailed).inc();
  }

  /** A further attempt that was not made, since the cell's retry budget was spent. */
  public void retryRefused() {
    retryRefused.inc();
  }

  private static void observe(Histogram.Child histogram, long nanos, String traceId) {
    if (traceId.isEmpty()) {
      histogram.observe(nanos / 1e9);
    } else {
      histogram.observeWithExemplar(nanos / 1e9, "trace_id", traceId);
    }
  }
}
