package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.Endpoint;
import io.cellrouter.edge.HeaderName;
import io.cellrouter.edge.Request;
import io.cellrouter.edge.Response;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.forward.Outcome;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.Admission;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.ByteLease;
import io.cellrouter.resilience.Caller;
import io.cellrouter.resilience.CellGate;
import io.cellrouter.resilience.ClientRates;
import io.cellrouter.resilience.LoadShedder;
import io.cellrouter.resilience.RateLimit;
import io.cellrouter.resilience.RefusalDelay;
import io.cellrouter.route.Decision;
import io.cellrouter.route.Router;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code POST /api/route}: read → in time → client's rate → room in the router → decide → admit →
 * forward → answer, each step a method that calls the next or ends the way. One snapshot of the
 * cells is taken and used to the end.
 *
 * <p>From the moment the body is read, a refusal keeps the connection: a client that is told to
 * come back must not pay for another one.
 */
public final class RouteHandler implements Endpoint {
  private final Router router;
  private final LiveCells cells;
  private final Metrics metrics;
  private final ByteBudget bodies;
  private final ClientRates rates;
  private final LoadShedder shedder;
  private final RefusalDelay refusalDelay;
  private final Duration requestTimeout;
  private final CellRequests requests;
  private final Intake intake;
  private final Callers callers;
  private final Answers answers;

  public RouteHandler(
      RouterConfig config,
      Router router,
      LiveCells cells,
      Metrics metrics,
      ByteBudget bodies,
      ClientRates rates,
      LoadShedder shedder) {
    this.router = router;
    this.cells = cells;
    this.metrics = metrics;
    this.bodies = bodies;
    this.rates = rates;
    this.shedder = shedder;
    this.refusalDelay = RefusalDelay.of(config.overload().refusalDelay());
    this.requestTimeout = config.timeouts().request();
    this.requests = new CellRequests(config.forwardHeaders());
    this.intake = new Intake(config.limits().maxBody(), requests);
    this.callers = new Callers(config.overload().priorityClients());
    this.answers = new Answers(new Envelope(config.limits().maxResponse()));
  }

  @Override
  public Response answer(Request request) throws IOException {
    Optional<Response> refusal = intake.refusal(request);
    if (refusal.isPresent()) {
      return refusal.get();
    }
    if (bodies.unassigned().isFullFor(request.contentLength())) {
      return Answers.tooManyBodies(); // At once, rather than after half of it has come.
    }
    try (ByteLease lease = bodies.unassigned().lease()) {
      Optional<byte[]> bytes = request.readBody(lease);
      return bytes.isPresent()
          ? read(request, new Body(bytes.get(), lease))
          : Answers.tooManyBodies();
    }
  }

  /** What the client sent, and what pays for it. */
  private record Body(byte[] bytes, ByteLease lease) {}

  private Response read(Request request, Body body) {
    Optional<Timing> timing =
        Timing.of(
            request.headerValues(HeaderName.X_REQUEST_TIMEOUT),
            request.startNanos(),
            requestTimeout);
    if (timing.isEmpty()) {
      return Answers.unclearTimeout();
    }
    if (timing.get().passed()) {
      return Answers.tooLate(); // Whoever asked has gone: no work is begun for him.
    }
    return inTime(request, body, timing.get());
  }

  private Response inTime(Request request, Body body, Timing timing) {
    Snapshot snapshot = cells.snapshot();
    Optional<Admission.Refused> refused =
        rates.admit(request.client(), snapshot.rates().of(request.client()));
    if (refused.isPresent()) {
      return Answers.refused(refused.get());
    }
    if (!shedder.enter(callers.priority(request))) {
      return held(Answers.overloaded(), body.bytes().length, timing);
    }
    Response response;
    try {
      response = decided(request, snapshot, body, timing);
    } finally {
      leave(request);
    }
    return response.reason().filter(Reason.BULKHEAD_FULL::equals).isPresent()
        ? held(response, body.bytes().length, timing)
        : response;
  }

  /**
   * A request with a large answer keeps its place until that is written, like the answer's bytes.
   */
  private void leave(Request request) {
    if (request.isHolding()) {
      request.holds(shedder::leave);
    } else {
      shedder.leave();
    }
  }

  /** A refusal for want of room, which comes late if it is set to; it takes no place meanwhile. */
  private Response held(Response refusal, int bytes, Timing timing) {
    try {
      refusalDelay.hold(bytes, timing.deadline().remainingNanos(System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return refusal;
  }

  private Response decided(Request request, Snapshot snapshot, Body body, Timing timing) {
    return switch (router.decide(body.bytes(), snapshot.map())) {
      case Decision.Rejected rejected -> {
        if (rejected.reason() == Reason.UNKNOWN_CELL) {
          request.cell(metrics.cell(Metrics.UNKNOWN_CELL), "");
        }
        yield Answers.rejected(rejected);
      }
      case Decision.Routed routed -> admitted(request, snapshot, routed, body.lease(), timing);
    };
  }

  private Response admitted(
      Request request, Snapshot snapshot, Decision.Routed routed, ByteLease body, Timing timing) {
    Cell cell = routed.cell();
    request.cell(metrics.cell(cell.id()), cell.name());
    CellGate gate = snapshot.gates().of(cell);
    if (shedder.isCrowdedBy(
        callers.priority(request), gate.held(), snapshot.map().cells().size())) {
      return Answers.crowding(cell);
    }
    if (!body.movesTo(bodies.of(cell.id()))) {
      return Answers.hoarding(cell);
    }
    Caller caller = callers.caller(request, routed.method().safe(), timing.deadline());
    return switch (gate.admit(cell, caller)) {
      case Admission.Refused refused -> Answers.refused(cell, refused);
      case Admission.Admitted(Admission.Permit permit, RateLimit limit) -> {
        try (permit) {
          yield forwarded(request, snapshot, routed, timing, permit, limit);
        }
      }
    };
  }

  private Response forwarded(
      Request request,
      Snapshot snapshot,
      Decision.Routed routed,
      Timing timing,
      Admission.Permit permit,
      RateLimit limit) {
    Cell cell = routed.cell();
    Outcome outcome;
    try {
      outcome =
          snapshot
              .clients()
              .of(cell)
              .send(
                  requests.build(request, routed),
                  timing.deadline(),
                  cell.policy().retry(),
                  snapshot.gates().of(cell).retries(),
                  () -> permit.stands() && isInService(cell));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answers.interrupted(cell);
    }
    try {
      Verdict.tell(permit, outcome);
      request.exchanged(outcome.upstreamNanos());
      if (failed(outcome)) {
        metrics.cell(cell.id()).upstreamError();
      }
      return answers.of(request, cell, outcome, limits(request, snapshot, limit));
    } finally {
      keep(request, outcome);
    }
  }

  /**
   * What the answer holds, until it is written: what a client does not read counts for as long as
   * it is there.
   */
  private static void keep(Request request, Outcome outcome) {
    if (outcome instanceof Outcome.Answered answered && answered.lease().held() > 0) {
      request.holds(answered.lease()::close);
    }
  }

  /**
   * By the newest snapshot, not by the request's: a cell that has been disabled, or is gone, gets
   * no retry. One that drains does: the request is under way.
   */
  private boolean isInService(Cell cell) {
    return cells
        .snapshot()
        .map()
        .find(cell.id())
        .filter(now -> now.state() != CellConfig.CellState.DISABLED)
        .isPresent();
  }

  /** Whether the cell is to blame or says so itself. */
  private static boolean failed(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Answered answered -> answered.status() >= 500;
      case Outcome.Unusable unusable -> true;
      case Outcome.Failed failed -> failed.reason() != Reason.CELL_RESPONSE_NO_ROOM;
    };
  }

  private List<RateLimit> limits(Request request, Snapshot snapshot, RateLimit ofCell) {
    Optional<RateLimit> ofClient =
        rates.current(request.client(), snapshot.rates().of(request.client()));
    if (ofClient.isEmpty()) {
      return ofCell == null ? List.of() : List.of(ofCell);
    }
    return ofCell == null ? List.of(ofClient.get()) : List.of(ofClient.get(), ofCell);
  }
}
