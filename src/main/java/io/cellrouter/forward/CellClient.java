package io.cellrouter.forward;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.resilience.RetryBudget;
import io.cellrouter.resilience.endpoint.Endpoints;
import io.cellrouter.resilience.endpoint.Places;
import io.cellrouter.telemetry.CellMetrics;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Sends requests to one cell, over connections of its own, to one or another of its places.
 *
 * <p>A request is attempted again only when the attempt before could not connect, which proves that
 * the cell saw nothing of it, or when its exchange broke and it may be repeated ({@link
 * CellRequest#repeatable}). Each further attempt goes to another place if there is one, comes after
 * a random wait, takes its part out of the cell's {@link RetryBudget} for as long as it and its
 * wait last, and is left out when the deadline would pass first, or when the cell has been closed
 * during the wait. The JDK's own retries are off ({@code edge.options}).
 */
public final class CellClient {
  private final CellPolicy.Ejection ejection;
  private final Connections connections;
  private final Exchange exchange;
  private final Duration connectTimeout;
  private final FairTime fair;
  private final CellMetrics metrics;
  private final Backoff backoff;

  /**
   * @param connectTimeout for a connection, and so for the first lookup of a name, to come about
   */
  CellClient(
      CellPolicy.Ejection ejection,
      Connections connections,
      Exchange exchange,
      Duration connectTimeout,
      FairTime fair,
      CellMetrics metrics,
      Backoff backoff) {
    this.ejection = ejection;
    this.connections = connections;
    this.exchange = exchange;
    this.connectTimeout = connectTimeout;
    this.fair = fair;
    this.metrics = metrics;
    this.backoff = backoff;
  }

  Connections connections() {
    return connections;
  }

  /** Where the cell is. */
  public Places places() {
    return connections.places();
  }

  /** The places it sends to, and what is known of them. */
  public Endpoints endpoints() {
    return places().endpoints();
  }

  /**
   * Forwards the request and waits, no longer than the deadline, for the whole answer.
   *
   * @param policy of the request's snapshot
   * @param budget of the cell, asked before each further attempt
   * @param open whether the cell still takes requests, asked after the wait for each
   */
  public Outcome send(
      CellRequest request,
      Deadline deadline,
      CellPolicy.Retry policy,
      RetryBudget budget,
      BooleanSupplier open)
      throws InterruptedException {
    long start = System.nanoTime();
    if (!places().await(waitFor(deadline, start))) {
      return notLookedUp(deadline, start);
    }
    Optional<Endpoints.Use> place = endpoints().take();
    if (place.isEmpty()) {
      return new Outcome.Failed(
          Reason.CELL_CONNECT_FAILED,
          "the host name cannot be resolved",
          System.nanoTime() - start,
          0,
          true);
    }
    Endpoints.Use last = place.get();
    Attempt attempt = attempt(request, last, deadline, start, 1);
    for (int retry = 1; retry < policy.attempts() && attempt.mayBeRepeated(request); retry++) {
      long pause = backoff.nanos(policy.base(), retry);
      if (pause >= deadline.remainingNanos(System.nanoTime())) {
        break;
      }
      if (!budget.tryTake(policy)) {
        metrics.retryRefused();
        break;
      }
      try {
        Thread.sleep(Duration.ofNanos(pause));
        if (!open.getAsBoolean()) {
          break;
        }
        last = endpoints().takeOtherThan(last).orElseThrow(); // A place known stays known.
        attempt = attempt(request, last, deadline, start, retry + 1);
      } finally {
        budget.give();
      }
      metrics.retried(attempt.outcome() instanceof Outcome.Answered);
    }
    return attempt.outcome();
  }

  /** Uses the place, and tells it what came of it. */
  private Attempt attempt(
      CellRequest request, Endpoints.Use place, Deadline deadline, long start, int number)
      throws InterruptedException {
    try (place) {
      long begin = System.nanoTime();
      Attempt attempt =
          exchange.run(connections.client(), request, place.target(), deadline, start, number);
      switch (attempt.fate()) {
        case ANSWERED -> place.answered();
        case UNSENT, BROKEN, GARBLED -> place.failed(ejection);
        case LATE -> {
          if (fair.wasGiven(System.nanoTime() - begin)) {
            place.failed(ejection);
          }
        }
        case NOT_TRIED -> {}
      }
      return attempt;
    }
  }

  private long waitFor(Deadline deadline, long now) {
    return Math.min(deadline.remainingNanos(now), connectTimeout.toNanos());
  }

  /** Nobody knows yet where the cell is. */
  private static Outcome notLookedUp(Deadline deadline, long start) {
    long now = System.nanoTime();
    return deadline.remainingNanos(now) == 0
        ? Exchange.notTried(start, 0).outcome()
        : new Outcome.Failed(
            Reason.CELL_CONNECT_TIMEOUT,
            "the host name was not looked up within CONNECT_TIMEOUT",
            now - start,
            0,
            true);
  }
}
