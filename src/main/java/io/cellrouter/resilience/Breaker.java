package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The circuit breaker of one cell: a cell that fails too often is left alone for a while.
 *
 * <table>
 * <caption>The whole of it</caption>
 * <tr><th>State<th>A request<th>goes on to
 * <tr><td>{@code CLOSED}
 *   <td>is admitted; what came of it is counted in the window
 *   <td>{@code OPEN} when a failed or slow outcome comes, the window then holds at least {@code
 *       minRequests} outcomes, and the share of failures has reached {@code failureRate}, or that
 *       of slow answers {@code slowRate}
 * <tr><td>{@code OPEN}
 *   <td>is refused until the open time is over
 *   <td>{@code HALF_OPEN} with the first request after that, which is the first trial
 * <tr><td>{@code HALF_OPEN}
 *   <td>is a trial while fewer than {@code trials} hold a place or have succeeded; else refused
 *   <td>{@code OPEN} when one trial fails or is slow; {@code CLOSED} when {@code trials} have
 *       succeeded
 * </table>
 *
 * <ul>
 *   <li>The open time is {@code open} × 2ⁿ⁻¹, at most {@code openMost}, give or take 20 %, so that
 *       replicas do not ask again in step. <i>n</i> is how often in a row it has opened: the row
 *       ends when the breaker has been closed for a whole {@code window}.
 *   <li>Each change of state empties the window. An outcome counts only in the state, unchanged, in
 *       which its request was admitted: one that was admitted before the breaker opened neither
 *       keeps it open nor passes for a trial.
 *   <li>A trial holds its place until it ends, told or untold (its client went away), but no longer
 *       than {@code open}: those that hang would else keep a cell that is well again waiting for
 *       their deadline. What comes of a late one still counts, so that a cell whose every answer
 *       takes longer than {@code open} closes its breaker all the same, and one that hangs for good
 *       opens it again.
 *   <li>Switched off by policy, it admits everything, counts nothing, and closes.
 *   <li>A {@code window} of another length goes on with what was counted.
 * </ul>
 *
 * <p>Time is that of the clock given, in nanoseconds, monotonic. Admission while closed is one
 * volatile read; everything else holds the lock for some tens of nanoseconds.
 */
public final class Breaker {
  /** Where it stands. */
  public enum State {
    CLOSED(0),
    OPEN(1),
    HALF_OPEN(2);

    private static final State[] BY_NUMBER = values();

    private final int number;

    State(int number) {
      this.number = number;
    }

    /** As it stands in metrics and on {@code /cells}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Told of every change of state, under the breaker's lock: must be quick. */
  @FunctionalInterface
  public interface Listener {
    void changed(State from, State to);

    /**
     * @param why in words, with the numbers; may be empty
     */
    default void changed(State from, State to, String why) {
      changed(from, to);
    }
  }

  /** The ticket of a request whose outcome counts nowhere. */
  static final long UNCOUNTED = Long.MAX_VALUE;

  /** How soon to ask again while all trials are under way: they take as long as the cell takes. */
  private static final long TRIALS_TAKEN_NANOS = 1_000_000_000L;

  /** Of a ticket, what is {@link #word}; above it stands the number of the trial. */
  private static final int WORD_BITS = 40;

  private static final long WORD = (1L << WORD_BITS) - 1;

  private static final double JITTER = 0.2;

  private final LongSupplier clock;
  private final DoubleSupplier random;
  private final Listener listener;
  private final long[] transitions = new long[State.BY_NUMBER.length];

  /** Number of changes so far × 4 + that of the state: tells two visits of one state apart. */
  private volatile long word;

  private final OutcomeWindow window;
  private long closedSince;
  private long openUntil;
  private int timesInARow;

  /** Tickets of the trials that hold a place, the oldest first, with the time they took it. */
  private final Map<Long, Long> trials = new LinkedHashMap<>();

  private long trialNumber;
  private int trialsSucceeded;

  /**
   * @param random from 0 to 1, for the jitter
   */
  Breaker(LongSupplier clock, DoubleSupplier random, Listener listener) {
    this.clock = clock;
    this.random = random;
    this.listener = listener;
    this.window = new OutcomeWindow(clock.getAsLong());
    this.closedSince = clock.getAsLong();
  }

  /**
   * Admits a request or not.
   *
   * @return a ticket, not negative, which has to be {@link #told} or {@link #untold}; or −n:
   *     refused, to be asked again in n nanoseconds
   */
  long enter(CellPolicy.Breaker policy) {
    long seen = word;
    if (stateOf(seen) == State.CLOSED) {
      return policy.enabled() ? seen : UNCOUNTED;
    }
    return enterOnTrial(policy);
  }

  private synchronized long enterOnTrial(CellPolicy.Breaker policy) {
    if (!policy.enabled()) {
      if (state() != State.CLOSED) {
        change(State.CLOSED);
      }
      return UNCOUNTED;
    }
    if (state() == State.OPEN) {
      long left = openUntil - clock.getAsLong();
      if (left > 0) {
        return -left;
      }
      change(State.HALF_OPEN);
    }
    if (state() == State.HALF_OPEN) {
      if (trialsSucceeded >= policy.trials()) {
        change(State.CLOSED); // Fewer are asked for now than have succeeded.
      } else if (trialsTaken(policy)) {
        return -TRIALS_TAKEN_NANOS;
      } else {
        long ticket = ++trialNumber % (UNCOUNTED >> WORD_BITS) << WORD_BITS | word;
        trials.put(ticket, clock.getAsLong());
        return ticket;
      }
    }
    return word;
  }

  /** Also takes their places from trials that have been under way for too long. */
  private boolean trialsTaken(CellPolicy.Breaker policy) {
    long latest = clock.getAsLong() - policy.open().toNanos();
    trials.values().removeIf(since -> since - latest <= 0);
    return trials.size() + trialsSucceeded >= policy.trials();
  }

  /**
   * What {@link #enter} would say, without taking a trial.
   *
   * @return 0: admitted; −n: refused, to be asked again in n nanoseconds
   */
  synchronized long look(CellPolicy.Breaker policy) {
    if (!policy.enabled()) {
      return 0;
    }
    return switch (state()) {
      case CLOSED -> 0;
      case OPEN -> Math.min(0, clock.getAsLong() - openUntil);
      case HALF_OPEN ->
          trialsSucceeded < policy.trials() && trialsTaken(policy) ? -TRIALS_TAKEN_NANOS : 0;
    };
  }

  /**
   * Takes in what came of a request.
   *
   * @param nanos how long it took
   */
  void told(long ticket, CellPolicy.Breaker policy, boolean failed, long nanos) {
    if (ticket == UNCOUNTED) {
      return;
    }
    boolean slow = !failed && !policy.slowAfter().isZero() && nanos > policy.slowAfter().toNanos();
    synchronized (this) {
      if ((ticket & WORD) != word) {
        return; // Admitted before the state changed.
      }
      switch (stateOf(ticket)) {
        case CLOSED -> count(policy, failed, slow);
        case HALF_OPEN -> {
          trials.remove(ticket);
          judge(policy, failed, slow);
        }
        case OPEN -> throw new IllegalStateException("no ticket is given out while open");
      }
    }
  }

  /** The request has ended and says nothing about the cell. */
  void untold(long ticket) {
    if (ticket == UNCOUNTED || stateOf(ticket) != State.HALF_OPEN) {
      return;
    }
    synchronized (this) {
      trials.remove(ticket);
    }
  }

  /**
   * Whether a request that has this ticket may still be sent to the cell: not when the breaker has
   * opened since, unless it is closed again; nor when it was a trial that has lost its place.
   */
  boolean stillAdmits(long ticket) {
    if (ticket == UNCOUNTED || state() == State.CLOSED) {
      return true;
    }
    synchronized (this) {
      return state() == State.CLOSED || trials.containsKey(ticket);
    }
  }

  private void count(CellPolicy.Breaker policy, boolean failed, boolean slow) {
    window.add(clock.getAsLong(), policy.window().toNanos(), failed, slow);
    if (!(failed || slow) || window.total() < policy.minRequests()) {
      return;
    }
    if (window.failures() >= policy.failureRate() * window.total()) {
      open(policy, shareOf(window.failures(), policy) + " failed");
    } else if (!policy.slowAfter().isZero()
        && window.slow() >= policy.slowRate() * window.total()) {
      open(
          policy,
          shareOf(window.slow(), policy) + " took longer than " + words(policy.slowAfter()));
    }
  }

  private String shareOf(int bad, CellPolicy.Breaker policy) {
    return bad + " of " + window.total() + " requests in " + words(policy.window());
  }

  private static String words(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
  }

  private void judge(CellPolicy.Breaker policy, boolean failed, boolean slow) {
    if (failed) {
      open(policy, "a trial failed");
    } else if (slow) {
      open(policy, "a trial took longer than " + words(policy.slowAfter()));
    } else if (++trialsSucceeded >= policy.trials()) {
      change(State.CLOSED, trialsSucceeded + " trials succeeded");
    }
  }

  private void open(CellPolicy.Breaker policy, String why) {
    long now = clock.getAsLong();
    if (state() == State.CLOSED && now - closedSince >= policy.window().toNanos()) {
      timesInARow = 0;
    }
    timesInARow = Math.min(timesInARow + 1, 63);
    double doubled = policy.open().toNanos() * Math.pow(2, timesInARow - 1);
    double capped = Math.min(doubled, (double) policy.openMost().toNanos());
    long nanos = (long) (capped * (1 - JITTER + 2 * JITTER * random.getAsDouble()));
    openUntil = now + nanos;
    change(State.OPEN, why + "; for " + words(Duration.ofNanos(nanos)));
  }

  /**
   * It is something else that is asked from now on: closed, nothing counted, the row ended.
   * Requests that were admitted before count no more.
   */
  synchronized void forget() {
    timesInARow = 0;
    if (state() == State.CLOSED) {
      window.clear();
      word = ((word >> 2) + 1) << 2 | State.CLOSED.number;
    } else {
      change(State.CLOSED, "it is somewhere else now");
    }
  }

  private void change(State to) {
    change(to, "");
  }

  private void change(State to, String why) {
    State from = state();
    trials.clear();
    trialsSucceeded = 0;
    window.clear();
    if (to == State.CLOSED) {
      closedSince = clock.getAsLong();
    }
    transitions[to.number]++;
    word = ((word >> 2) + 1) << 2 | to.number;
    listener.changed(from, to, why);
  }

  private static State stateOf(long word) {
    return State.BY_NUMBER[(int) (word & 3)];
  }

  /** Open stays open, also after its time, until a request comes. */
  public State state() {
    return stateOf(word);
  }

  /** How often it has gone to that state. */
  public synchronized long transitions(State to) {
    return transitions[to.number];
  }
}
