package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.resilience.RetryBudget;
import io.cellrouter.telemetry.CellMetrics;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/**
 * Sends requests to one cell over connections of its own.
 *
 * <p>A request is attempted a second time only when the first could not connect, which proves that
 * the cell saw nothing of it, and only within the same deadline. The JDK's own retries are off
 * ({@code edge.options}).
 */
public final class CellClient implements AutoCloseable {
  private final Cell cell;
  private final Lazy<HttpClient> client;
  private final DeadlineWatch watch;
  private final HttpResponse.BodyHandler<byte[]> bodyHandler;
  private final CellMetrics metrics;
  private final Ids ids;
  private final ExchangeSpans spans;

  CellClient(
      Cell cell,
      Lazy<HttpClient> client,
      DeadlineWatch watch,
      int maxResponse,
      CellMetrics metrics,
      Ids ids,
      ExchangeSpans spans) {
    this.watch = watch;
    this.cell = cell;
    this.client = client;
    this.bodyHandler = BoundedBody.handler(maxResponse);
    this.metrics = metrics;
    this.ids = ids;
    this.spans = spans;
  }

  /** Whether these are the addresses it sends to. */
  boolean reaches(List<Cell.Address> addresses) {
    return cell.addresses().equals(addresses);
  }

  /** Makes the HTTP client now rather than for the first request. */
  void prepare() {
    client.get();
  }

  /**
   * Forwards the request and waits, no longer than the deadline, for the whole answer.
   *
   * @param policy of the request's snapshot
   * @param budget of the cell, asked before each further attempt
   */
  public Outcome send(
      CellRequest request, Deadline deadline, CellPolicy.Retry policy, RetryBudget budget)
      throws InterruptedException {
    long start = System.nanoTime();
    Attempt first = attempt(request, deadline, start);
    if (!(first instanceof Attempt.Unsent)) {
      return first.outcome();
    }
    Attempt second = attempt(request, deadline, start);
    metrics.retried(second.outcome() instanceof Outcome.Answered);
    return second.outcome();
  }

  /** One try. */
  private sealed interface Attempt {
    Outcome outcome();

    /** The cell answered, or may have acted: final. */
    record Final(Outcome outcome) implements Attempt {}

    /** The cell has seen nothing of the request. */
    record Unsent(Outcome outcome) implements Attempt {}
  }

  private Attempt attempt(CellRequest request, Deadline deadline, long start)
      throws InterruptedException {
    String spanId = ids.spanId();
    if (!spans.wanted(request.trace())) {
      return exchange(request, spanId, deadline, start);
    }
    long begin = System.nanoTime();
    Attempt attempt = exchange(request, spanId, deadline, start);
    spans.record(request.trace(), spanId, begin, attempt.outcome());
    return attempt;
  }

  private Attempt exchange(CellRequest request, String spanId, Deadline deadline, long start)
      throws InterruptedException {
    if (deadline.remainingNanos(System.nanoTime()) == 0) {
      return late(start); // Whoever waited for it has gone: the cell need not begin.
    }
    DeadlineWatch.Guard guard = watch.guard(deadline);
    try {
      HttpResponse<byte[]> response = client.get().send(build(request, spanId), bodyHandler);
      return new Attempt.Final(answered(response, System.nanoTime() - start));
    } catch (IOException e) {
      if (guard.end()) {
        return late(
            start); // The interrupt met the connection itself and came out as an error of it.
      }
      Failures.Failure failure = Failures.of(e);
      Outcome outcome =
          new Outcome.Failed(failure.reason(), failure.detail(), System.nanoTime() - start, 1);
      return failure.unsent() ? new Attempt.Unsent(outcome) : new Attempt.Final(outcome);
    } catch (InterruptedException e) {
      if (guard.end()) {
        return late(start);
      }
      throw e; // Somebody else's interrupt.
    } finally {
      guard.end();
    }
  }

  private static Attempt late(long start) {
    return new Attempt.Final(
        new Outcome.Failed(
            Reason.DEADLINE_EXCEEDED,
            "no complete answer within REQUEST_TIMEOUT",
            System.nanoTime() - start,
            1));
  }

  private static Outcome answered(HttpResponse<byte[]> response, long nanos) {
    int status = response.statusCode();
    if (status < 200 || status > 599) {
      // Not an HTTP status (RFC 9110 §15); it would become one of ours, and a metric label.
      return new Outcome.Failed(
          Reason.CELL_PROTOCOL_ERROR, "the cell answered with the status " + status, nanos, 1);
    }
    if (response.headers().firstValue("Content-Encoding").isPresent()) {
      return new Outcome.Failed(
          Reason.CELL_PROTOCOL_ERROR,
          "the cell encoded its body although no encoding was accepted",
          nanos,
          1);
    }
    return new Outcome.Answered(
        status,
        response.headers().firstValue("Content-Type").orElse(""),
        response.body(),
        nanos,
        1);
  }

  private HttpRequest build(CellRequest request, String spanId) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(cell.addresses().getFirst().api())
            .POST(HttpRequest.BodyPublishers.ofByteArray(request.body()))
            .setHeader("Content-Type", "application/json")
            .setHeader("User-Agent", "cell-router")
            .setHeader("X-Cell-ID", cell.id())
            .setHeader("X-Forwarded-For", request.forwardedFor())
            .setHeader("X-Original-URI", request.originalUri())
            .setHeader("X-Request-ID", request.requestId())
            .setHeader("traceparent", request.trace().traceparent(spanId));
    if (!request.clientId().isEmpty()) {
      builder.setHeader("X-Client-ID", request.clientId());
    }
    request.passedOn().forEach(header -> builder.header(header.name(), header.value()));
    return builder.build();
  }

  /** Ends the connections, also those of exchanges still under way. */
  @Override
  public void close() {
    client.ifMade(HttpClient::shutdownNow);
  }
}
