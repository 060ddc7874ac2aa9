package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * The one door to one cell: every request passes it, in the order state, share, rate of the client,
 * rate of the cell, breaker, bulkhead. Waits for nothing, unless the cell's policy has a {@code
 * maxWait} for the bulkhead.
 *
 * <p>What refuses first gives the reason, but the rates only <i>look</i> at their turn; the tokens
 * are taken when everything else has admitted. So a request that the breaker or the bulkhead
 * refuses costs no token, and none has to be put back, which could let more through at once than
 * the burst. Two requests that both saw the last token are told apart by the taking.
 *
 * <p>Holds what was counted; what is allowed comes with each request from its snapshot.
 */
public final class CellGate {
  static final String CELL = "cell";
  static final String CLIENT_CELL = "client-cell";

  private static final Duration RETRY_AFTER_DRAIN = Duration.ofSeconds(5);
  private static final Duration RETRY_AFTER_DISABLED = Duration.ofSeconds(30);
  private static final Duration RETRY_AFTER_FULL = Duration.ofSeconds(1);

  /** Told of what an operator should know. */
  interface Listener extends Breaker.Listener, RefusalCount.Listener {
    @Override
    default void full(int limit, long refused) {}
  }

  private final LongSupplier clock;
  private final DoubleSupplier random;
  private final IntSupplier replicas;
  private final Bulkhead bulkhead;
  private final Breaker breaker;
  private final TokenBucket rate;
  private final ClientBuckets clientRates;
  private final Retries retries;
  private final RefusalCount refusals;

  /**
   * @param random from 0 to 1
   * @param replicas that share the rates
   * @param listener told when the breaker changes and when the bulkhead refuses
   */
  CellGate(LongSupplier clock, DoubleSupplier random, IntSupplier replicas, Listener listener) {
    this.clock = clock;
    this.random = random;
    this.replicas = replicas;
    this.bulkhead = new Bulkhead(clock, random);
    this.breaker = new Breaker(clock, random, listener);
    this.rate = new TokenBucket(clock);
    this.clientRates = new ClientBuckets(clock);
    this.retries = new Retries(bulkhead::inFlight);
    this.refusals = new RefusalCount(clock, listener);
  }

  private CellGate(CellGate before) {
    this.clock = before.clock;
    this.random = before.random;
    this.replicas = before.replicas;
    this.bulkhead = before.bulkhead.elsewhere(clock, random);
    this.breaker = before.breaker;
    this.rate = before.rate;
    this.clientRates = before.clientRates;
    this.retries = before.retries;
    this.refusals = before.refusals;
  }

  /**
   * The gate for a cell that is now somewhere else. What the cell holds of the router and has been
   * given goes on: places, tokens, retries. What was learnt of the cell is forgotten: that it
   * failed, and how fast it answers; and requests that were admitted before teach nothing any more.
   */
  CellGate elsewhere() {
    breaker.forget();
    return new CellGate(this);
  }

  /**
   * Admits the request or says why not.
   *
   * @param cell as it stands in the request's snapshot: its policy is the one that holds
   */
  public Admission admit(Cell cell, Caller caller) {
    Admission.Refused refused = closedTo(cell, caller);
    if (refused != null) {
      return refused;
    }
    CellPolicy policy = cell.policy();
    long ticket = breaker.enter(policy.breaker());
    if (ticket < 0) {
      return Admission.Refused.until(Reason.BREAKER_OPEN, -ticket, null);
    }
    if (!bulkhead.enter(policy.bulkhead(), caller)) {
      breaker.untold(ticket);
      refusals.refused(limit(cell));
      return new Admission.Refused(Reason.BULKHEAD_FULL, RETRY_AFTER_FULL);
    }
    refused = takeTokens(policy, caller);
    if (refused != null) {
      bulkhead.leave();
      breaker.untold(ticket);
      return refused;
    }
    return new Admission.Admitted(new Pass(policy, ticket), tightest(policy, caller));
  }

  /**
   * What {@link #admit} would refuse with; takes no token, no place and no trial, and waits for
   * nothing.
   */
  public Optional<Admission.Refused> refusal(Cell cell, Caller caller) {
    Admission.Refused refused = closedTo(cell, caller);
    if (refused != null) {
      return Optional.of(refused);
    }
    CellPolicy policy = cell.policy();
    long look = breaker.look(policy.breaker());
    if (look < 0) {
      return Optional.of(Admission.Refused.until(Reason.BREAKER_OPEN, -look, null));
    }
    return bulkhead.inFlight() >= limit(cell)
        ? Optional.of(new Admission.Refused(Reason.BULKHEAD_FULL, RETRY_AFTER_FULL))
        : Optional.empty();
  }

  /** State, share and rates, of which nothing is taken; null when none of them refuses. */
  private Admission.Refused closedTo(Cell cell, Caller caller) {
    switch (cell.state()) {
      case ACTIVE -> {}
      case READ_ONLY -> {
        if (!caller.safe()) {
          return new Admission.Refused(Reason.CELL_READ_ONLY, RETRY_AFTER_DRAIN);
        }
      }
      case DRAINING -> {
        return new Admission.Refused(Reason.CELL_DRAINING, RETRY_AFTER_DRAIN);
      }
      case DISABLED -> {
        return new Admission.Refused(Reason.CELL_DISABLED, RETRY_AFTER_DISABLED);
      }
    }
    if (!Share.admits(cell.share(), cell.id(), caller.sticky())) {
      return new Admission.Refused(Reason.CELL_SHARE, RETRY_AFTER_DRAIN);
    }
    return rates(cell.policy(), caller, TokenBucket::look);
  }

  private Admission.Refused takeTokens(CellPolicy policy, Caller caller) {
    return rates(policy, caller, TokenBucket::take);
  }

  /** Looks at a bucket, or takes of it. */
  private interface Ask {
    long nanosUntilOne(TokenBucket bucket, CellPolicy.Rate rate, int replicas);
  }

  private Admission.Refused rates(CellPolicy policy, Caller caller, Ask ask) {
    if (policy.clientRate().limits()) {
      TokenBucket bucket = clientRates.of(caller.client());
      int sharers = replicas.getAsInt();
      long wait = ask.nanosUntilOne(bucket, policy.clientRate(), sharers);
      if (wait > 0) {
        return Admission.Refused.until(
            Reason.RATE_LIMIT_CLIENT_CELL,
            wait,
            bucket.describe(CLIENT_CELL, policy.clientRate(), sharers));
      }
    }
    if (policy.rate().limits()) {
      int sharers = replicas.getAsInt();
      long wait = ask.nanosUntilOne(rate, policy.rate(), sharers);
      if (wait > 0) {
        return Admission.Refused.until(
            Reason.RATE_LIMIT_CELL, wait, rate.describe(CELL, policy.rate(), sharers));
      }
    }
    return null;
  }

  private RateLimit tightest(CellPolicy policy, Caller caller) {
    if (!policy.clientRate().limits() && !policy.rate().limits()) {
      return null;
    }
    int sharers = replicas.getAsInt();
    RateLimit ofCell = rate.describe(CELL, policy.rate(), sharers);
    if (!policy.clientRate().limits()) {
      return ofCell;
    }
    RateLimit ofClient =
        clientRates.of(caller.client()).describe(CLIENT_CELL, policy.clientRate(), sharers);
    return ofCell == null || ofClient.remaining() <= ofCell.remaining() ? ofClient : ofCell;
  }

  /** One request on its way; used by one thread at a time. */
  private final class Pass implements Admission.Permit {
    private final CellPolicy policy;
    private final long ticket;
    private boolean told;
    private boolean closed;

    Pass(CellPolicy policy, long ticket) {
      this.policy = policy;
      this.ticket = ticket;
    }

    @Override
    public void answered(int status, long nanos) {
      tell(policy.breaker().failureStatuses().contains(status), nanos, true);
    }

    @Override
    public void failed(long nanos) {
      tell(true, nanos, false);
    }

    @Override
    public boolean stands() {
      return !told && !closed && breaker.stillAdmits(ticket);
    }

    private void tell(boolean failed, long nanos, boolean answered) {
      if (told || closed) {
        return;
      }
      told = true;
      bulkhead.learn(policy.bulkhead(), nanos, answered);
      breaker.told(ticket, policy.breaker(), failed, nanos);
    }

    @Override
    public void close() {
      if (closed) {
        return;
      }
      closed = true;
      if (!told) {
        breaker.untold(ticket);
      }
      bulkhead.leave();
    }
  }

  /** Where a second attempt has to ask. */
  public RetryBudget retries() {
    return retries;
  }

  /** Second attempts under way, those in back-off included. */
  public int retriesUnderWay() {
    return retries.underWay();
  }

  /** Requests admitted and not finished. */
  public int inFlight() {
    return bulkhead.inFlight();
  }

  /** What the cell holds of the whole router: those in flight, and those waiting for a place. */
  public int held() {
    return bulkhead.inFlight() + bulkhead.waiting();
  }

  /** Requests that may be in flight now: the fixed limit, or where the adaptive one stands. */
  public int limit(Cell cell) {
    return bulkhead.limit(cell.policy().bulkhead());
  }

  public Breaker.State breakerState() {
    return breaker.state();
  }

  /** How often the breaker has gone to that state. */
  public long transitions(Breaker.State to) {
    return breaker.transitions(to);
  }
}
