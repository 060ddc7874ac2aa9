package io.cellrouter.forward;

import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.ByteLease;
import io.cellrouter.resilience.endpoint.Target;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

/**
 * One attempt: one request sent to one place of a cell, and its answer awaited no longer than the
 * deadline. Stateless.
 */
final class Exchange {
  private final String cellId;
  private final DeadlineWatch watch;
  private final FairTime fair;
  private final int maxResponse;
  private final ByteBudget.Share room;
  private final Ids ids;
  private final ExchangeSpans spans;

  /**
   * @param maxResponse bytes of body taken from the cell
   * @param room the cell's, for answers that are not small
   */
  Exchange(
      String cellId,
      DeadlineWatch watch,
      int maxResponse,
      FairTime fair,
      ByteBudget.Share room,
      Ids ids,
      ExchangeSpans spans) {
    this.cellId = cellId;
    this.watch = watch;
    this.fair = fair;
    this.maxResponse = maxResponse;
    this.room = room;
    this.ids = ids;
    this.spans = spans;
  }

  /**
   * @param start when the first attempt began, as {@link System#nanoTime}
   * @param number of the attempt, from 1
   */
  Attempt run(
      HttpClient client,
      CellRequest request,
      Target target,
      Deadline deadline,
      long start,
      int number)
      throws InterruptedException {
    long begin = System.nanoTime();
    Optional<String> timeout = deadline.told(begin);
    if (timeout.isEmpty()) {
      return notTried(start, number - 1);
    }
    String spanId = ids.spanId();
    HttpRequest message = build(request, target, spanId, timeout.get());
    Attempt attempt = send(client, message, deadline, start, number);
    if (spans.wanted(request.trace())) {
      spans.record(request, target, spanId, begin, attempt.outcome());
    }
    return attempt;
  }

  /** Only a usable answer keeps its lease. */
  private Attempt send(
      HttpClient client, HttpRequest message, Deadline deadline, long start, int number)
      throws InterruptedException {
    ByteLease lease = room.lease();
    boolean kept = false;
    try {
      Attempt attempt = send(client, message, lease, deadline, start, number);
      kept = attempt.outcome() instanceof Outcome.Answered;
      return attempt;
    } finally {
      if (!kept) {
        lease.close();
      }
    }
  }

  private Attempt send(
      HttpClient client,
      HttpRequest message,
      ByteLease lease,
      Deadline deadline,
      long start,
      int number)
      throws InterruptedException {
    DeadlineWatch.Guard guard = watch.guard(deadline);
    try {
      HttpResponse<byte[]> response = client.send(message, BoundedBody.handler(maxResponse, lease));
      return answered(response, lease, System.nanoTime() - start, number);
    } catch (IOException e) {
      if (guard.end()) {
        // The interrupt met the connection itself and came out as an error of it.
        return late(start, number);
      }
      long nanos = System.nanoTime() - start;
      if (Failures.unwrapped(e) instanceof BoundedBody.TooLargeException large) {
        return unusable(
            large.status(), Reason.CELL_RESPONSE_TOO_LARGE, large.getMessage(), nanos, number);
      }
      Failures.Failure failure = Failures.of(e);
      return new Attempt(
          failure.fate(),
          new Outcome.Failed(
              failure.reason(),
              failure.detail(),
              nanos,
              number,
              failure.reason() != Reason.CELL_RESPONSE_NO_ROOM));
    } catch (InterruptedException e) {
      if (guard.end()) {
        return late(start, number);
      }
      throw e; // Somebody else's interrupt.
    } finally {
      guard.end();
    }
  }

  /** The deadline passed before attempt {@code attempts + 1} could begin. */
  static Attempt notTried(long start, int attempts) {
    return new Attempt(Attempt.Fate.NOT_TRIED, tooLate(System.nanoTime() - start, attempts, false));
  }

  private Attempt late(long start, int attempts) {
    long nanos = System.nanoTime() - start;
    return new Attempt(Attempt.Fate.LATE, tooLate(nanos, attempts, fair.wasGiven(nanos)));
  }

  private static Outcome tooLate(long nanos, int attempts, boolean blamed) {
    return new Outcome.Failed(
        Reason.DEADLINE_EXCEEDED,
        "no complete answer within the deadline",
        nanos,
        attempts,
        blamed);
  }

  private static Attempt answered(
      HttpResponse<byte[]> response, ByteLease lease, long nanos, int number) {
    int status = response.statusCode();
    if (status < 200 || status > 599) {
      // Not an HTTP status (RFC 9110 §15); it would become one of ours, and a metric label.
      return unusable(
          status,
          Reason.CELL_PROTOCOL_ERROR,
          "the cell answered with the status " + status,
          nanos,
          number);
    }
    if (response.headers().firstValue("Content-Encoding").isPresent()) {
      return unusable(
          status,
          Reason.CELL_PROTOCOL_ERROR,
          "the cell encoded its body although no encoding was accepted",
          nanos,
          number);
    }
    return new Attempt(
        Attempt.Fate.ANSWERED,
        new Outcome.Answered(
            status,
            response.headers().firstValue("Content-Type").orElse(""),
            response.body(),
            lease,
            nanos,
            number));
  }

  private static Attempt unusable(
      int status, Reason reason, String detail, long nanos, int number) {
    return new Attempt(
        Attempt.Fate.ANSWERED, new Outcome.Unusable(status, reason, detail, nanos, number));
  }

  private HttpRequest build(CellRequest request, Target target, String spanId, String timeout) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(target.api());
    if (request.method().equals("GET")) {
      builder.GET();
    } else {
      builder
          .method(request.method(), SlicedBody.of(request.body()))
          .setHeader("Content-Type", "application/json");
    }
    if (!target.host().isEmpty()) {
      // Allowed by -Djdk.httpclient.allowRestrictedHeaders=host in edge.options.
      builder.setHeader("Host", target.host());
    }
    builder
        .setHeader("User-Agent", "cell-router")
        .setHeader("X-Cell-ID", cellId)
        .setHeader("X-Forwarded-For", request.forwardedFor())
        .setHeader("X-Original-URI", request.originalUri())
        .setHeader("X-Request-ID", request.requestId())
        .setHeader("X-Request-Timeout", timeout)
        .setHeader("traceparent", request.trace().traceparent(spanId));
    if (!request.clientId().isEmpty()) {
      builder.setHeader("X-Client-ID", request.clientId());
    }
    request.passedOn().forEach(header -> builder.header(header.name(), header.value()));
    return builder.build();
  }
}
