package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.edge.Problem;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.Outcome;
import io.cellrouter.resilience.Admission;
import io.cellrouter.resilience.RateLimit;
import io.cellrouter.route.Decision;
import io.cellrouter.telemetry.Millis;
import io.cellrouter.telemetry.Reason;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a routing request is answered, at each of the points where its way can end. */
final class Answers {
  private static final Duration RETRY_AFTER_OVERLOAD = Duration.ofSeconds(1);

  private final Envelope envelope;

  Answers(Envelope envelope) {
    this.envelope = envelope;
  }

  /** Before the body is read, so the connection ends. */
  static Response tooManyBodies() {
    return Problem.retryLater(
            Problem.of(
                Reason.ROUTER_OVERLOADED, "Too many large bodies are under way; send it again."),
            RETRY_AFTER_OVERLOAD)
        .closing();
  }

  static Response unclearTimeout() {
    return Problem.of(
        Reason.MALFORMED_REQUEST,
        "X-Request-Timeout must be seconds, with at most three decimals (1.5), or milliseconds"
            + " (250ms), more than zero, once.");
  }

  static Response tooLate() {
    return Problem.of(
        Reason.DEADLINE_EXCEEDED, "The deadline passed before the cell could be asked.");
  }

  static Response overloaded() {
    return Problem.retryLater(
        Problem.of(Reason.ROUTER_OVERLOADED, "Too many requests are in flight; send it again."),
        RETRY_AFTER_OVERLOAD);
  }

  static Response rejected(Decision.Rejected rejected) {
    return Problem.ofField(rejected.reason(), rejected.field(), rejected.detail());
  }

  /** The cell holds as much of the router as is left for all. */
  static Response crowding(Cell cell) {
    return Problem.retryLater(
            Problem.ofCell(
                Reason.BULKHEAD_FULL,
                cell.id(),
                "it holds as much of ROUTER_MAX_IN_FLIGHT as is left free"),
            RETRY_AFTER_OVERLOAD)
        .with("X-Cell", cell.id());
  }

  /** Bodies for the cell hold as much memory as is left for all. */
  static Response hoarding(Cell cell) {
    return Problem.retryLater(
            Problem.ofCell(
                Reason.BULKHEAD_FULL,
                cell.id(),
                "large bodies for it hold as much of the router's memory as is left free"),
            RETRY_AFTER_OVERLOAD)
        .with("X-Cell", cell.id());
  }

  /** A limit over all cells. */
  static Response refused(Admission.Refused refused) {
    return refused(Problem.of(refused.reason(), detail(refused)), refused);
  }

  /** The cell's gate. */
  static Response refused(Cell cell, Admission.Refused refused) {
    return refused(Problem.ofCell(refused.reason(), cell.id(), detail(refused), ""), refused)
        .with("X-Cell", cell.id());
  }

  private static Response refused(Response problem, Admission.Refused refused) {
    Response later = Problem.retryLater(problem, refused.retryAfter());
    return refused.limit() == null
        ? later
        : later.with(RateLimitFields.of(List.of(refused.limit())));
  }

  private static String detail(Admission.Refused refused) {
    String meaning = refused.reason().meaning() + ".";
    RateLimit limit = refused.limit();
    return limit == null
        ? meaning
        : "%s The limit \"%s\" is %s a second, %d at once."
            .formatted(meaning, limit.name(), plain(limit.perSecond()), limit.burst());
  }

  /** As it would be written in the configuration, a part of it to six digits. */
  private static String plain(double number) {
    return new BigDecimal(number, new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  /** The cell may have acted, so not a 503, which invites to send again. */
  static Response interrupted(Cell cell) {
    return Problem.ofCell(Reason.CELL_RESET, cell.id(), "interrupted")
        .with("X-Cell", cell.id())
        .closing();
  }

  /**
   * What came of the exchange.
   *
   * @param limits that the request passed, all of them are told
   */
  Response of(Request request, Cell cell, Outcome outcome, List<RateLimit> limits) {
    Response response =
        switch (outcome) {
          case Outcome.Answered answered -> envelope.wrap(cell, answered);
          case Outcome.Unusable unusable ->
              Problem.ofCell(unusable.reason(), cell.id(), unusable.detail());
          case Outcome.Failed failed -> Problem.ofCell(failed.reason(), cell.id(), failed.detail());
        };
    List<Response.Header> headers = new ArrayList<>(5);
    headers.add(new Response.Header("X-Cell", cell.id()));
    headers.add(new Response.Header("Server-Timing", timing(request, outcome.upstreamNanos())));
    if (outcome.attempts() > 0) {
      headers.add(new Response.Header("X-Cell-Attempts", Integer.toString(outcome.attempts())));
    }
    headers.addAll(RateLimitFields.of(limits));
    return response.with(headers);
  }

  /** The router's own time beside the cell's, in milliseconds (W3C Server Timing). */
  private static String timing(Request request, long upstreamNanos) {
    long own = System.nanoTime() - request.startNanos() - upstreamNanos;
    return "router;dur=" + Millis.format(own) + ", cell;dur=" + Millis.format(upstreamNanos);
  }
}
