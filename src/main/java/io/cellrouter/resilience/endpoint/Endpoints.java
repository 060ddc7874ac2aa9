package io.cellrouter.resilience.endpoint;

import io.cellrouter.config.CellPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The places of one cell. A request takes the one with fewer exchanges in flight out of two drawn
 * at random ("power of two choices": nearly as good as looking at all, and requests that arrive
 * together do not all run to the same one).
 *
 * <p>What becomes of a place (after Envoy's outlier detection, consecutive failures):
 *
 * <table>
 *   <caption>States</caption>
 *   <tr><td>available</td><td>After {@code failures} broken exchanges in a row it is ejected; an
 *     answer of any status between them begins the row anew. If no other place is available or
 *     spared, it is spared instead.</td></tr>
 *   <tr><td>ejected</td><td>Gets no requests for {@code first} × the number of ejections in a row,
 *     at most {@code longest}; then it is available. An ejection is in a row with the last one if
 *     it comes before the place has been back for as long as that one lasted. Exchanges that were
 *     under way and end now change nothing. Nor does a probe that succeeds: what breaks under
 *     requests may well answer {@code /health}.</td></tr>
 *   <tr><td>spared</td><td>Gets no requests for {@code first} if another place comes back, for the
 *     last one is never ejected. An answer makes it available; {@code failures} more in a row
 *     eject or spare it again.</td></tr>
 * </table>
 *
 * <p>While none is available (one spared, the others ejected) all are used, since nothing tells
 * which is best; a request that is sent to an ejected one then and is answered makes it available.
 *
 * <p>A place that is no longer named, as when a name answers with some of many addresses at a time,
 * is remembered for a while ({@link Endpoint#isWorthKeeping}); if it is named again by then, it is
 * what it was.
 */
public final class Endpoints {
  private static final int MANY = 1_000_000;

  /** Beyond it those that left first are forgotten. */
  static final int MOST_DEPARTED = 256;

  private final LongSupplier clock;
  private final RandomGenerator random;
  private final Listener listener;
  private final AtomicLong ejections;
  private volatile Endpoint[] places = {};

  /** Not named any more, the one that left first at the head; under the lock. */
  private final List<Endpoint> departed = new ArrayList<>();

  /** Hears of ejections, for the log; called under the lock. */
  @FunctionalInterface
  public interface Listener {
    void ejected(String address, int failures, Duration duration);
  }

  /**
   * One place, for people and metrics.
   *
   * @param address {@code host:port}, the host a literal address where a name was looked up
   */
  public record View(String address, boolean ejected, int inFlight) {}

  /**
   * @param clock nanoseconds that only grow
   * @param ejections counted on, so that a cell's count survives a change of its URLs
   */
  public Endpoints(
      LongSupplier clock, RandomGenerator random, Listener listener, AtomicLong ejections) {
    this.clock = clock;
    this.random = random;
    this.listener = listener;
    this.ejections = ejections;
  }

  /** Puts other places in force; those that stay, or come back soon, keep their state. */
  synchronized void replace(List<Target> targets) {
    Endpoint[] next = new Endpoint[targets.size()];
    for (int i = 0; i < next.length; i++) {
      next[i] = keptOrNew(targets.get(i));
    }
    depart(targets);
    places = next;
  }

  private void depart(List<Target> targets) {
    long now = clock.getAsLong();
    departed.removeIf(place -> targets.contains(place.target()) || !place.isWorthKeeping(now));
    for (Endpoint place : places) {
      if (!targets.contains(place.target())) {
        place.departed = now;
        departed.add(place);
      }
    }
    if (departed.size() > MOST_DEPARTED) {
      departed.subList(0, departed.size() - MOST_DEPARTED).clear();
    }
  }

  private Endpoint keptOrNew(Target target) {
    for (Endpoint place : places) {
      if (place.target().equals(target)) {
        return place;
      }
    }
    for (Endpoint place : departed) {
      if (place.target().equals(target) && place.isWorthKeeping(clock.getAsLong())) {
        return place;
      }
    }
    return new Endpoint(target);
  }

  /** Where probes go: every place, the ejected ones too. */
  public List<Target> targets() {
    List<Target> targets = new ArrayList<>();
    for (Endpoint place : places) {
      targets.add(place.target());
    }
    return targets;
  }

  public List<View> list() {
    long now = clock.getAsLong();
    List<View> views = new ArrayList<>();
    for (Endpoint place : places) {
      views.add(new View(place.target().address(), place.ejected(now), place.inFlight()));
    }
    return views;
  }

  /** How often a place of this cell has been ejected. */
  public long ejections() {
    return ejections.get();
  }

  /** Takes a place for a first attempt; empty when there is none at all. */
  public Optional<Use> take() {
    return take(places, Optional.empty());
  }

  /** Takes a place for a further attempt: another one than the last time, if there is a choice. */
  public Optional<Use> takeOtherThan(Use last) {
    return take(places, Optional.of(last.place));
  }

  private Optional<Use> take(Endpoint[] all, Optional<Endpoint> avoided) {
    if (all.length == 0) {
      return Optional.empty();
    }
    long now = clock.getAsLong();
    if (all.length == 1) {
      return Optional.of(new Use(all[0], all[0].timedOut(now)));
    }
    Endpoint[] candidates = new Endpoint[all.length];
    int count = 0;
    for (Endpoint place : all) {
      if (!place.timedOut(now)) {
        candidates[count++] = place;
      }
    }
    if (count == 0) {
      System.arraycopy(all, 0, candidates, 0, all.length);
      count = all.length;
    }
    if (avoided.isPresent()) {
      count = without(candidates, count, avoided.get());
    }
    Endpoint chosen = lessBusyOfTwo(candidates, count);
    return Optional.of(new Use(chosen, chosen.timedOut(now)));
  }

  /** Drops the place, unless it is the only one; returns how many are left. */
  private static int without(Endpoint[] candidates, int count, Endpoint avoided) {
    for (int i = 0; i < count && count > 1; i++) {
      if (candidates[i] == avoided) {
        candidates[i] = candidates[count - 1];
        return count - 1;
      }
    }
    return count;
  }

  private Endpoint lessBusyOfTwo(Endpoint[] candidates, int count) {
    if (count == 1) {
      return candidates[0];
    }
    int first = random.nextInt(count);
    int second = random.nextInt(count - 1);
    second += second >= first ? 1 : 0; // Two different ones, every pair as likely.
    Endpoint one = candidates[first];
    Endpoint two = candidates[second];
    return two.inFlight() < one.inFlight() ? two : one;
  }

  private synchronized void answered(Endpoint place, boolean sentWhileTimedOut) {
    place.failuresInARow = 0;
    Endpoint.TimeOut latest = place.timeOut;
    long now = clock.getAsLong();
    if (latest.lasts(now) && (sentWhileTimedOut || !latest.ejected())) {
      place.timeOut = new Endpoint.TimeOut(now, latest.nanos(), latest.times(), latest.ejected());
    }
  }

  private synchronized void failed(Endpoint place, CellPolicy.Ejection policy) {
    long now = clock.getAsLong();
    if (place.ejected(now)) {
      return;
    }
    place.failuresInARow = Math.min(place.failuresInARow + 1, MANY);
    if (place.failuresInARow >= policy.failures() && isOurs(place)) {
      timeOut(place, now, policy);
    }
  }

  /** A place that left with its address must not count as ejected any more. */
  private boolean isOurs(Endpoint place) {
    for (Endpoint each : places) {
      if (each == place) {
        return true;
      }
    }
    return false;
  }

  private void timeOut(Endpoint place, long now, CellPolicy.Ejection policy) {
    Endpoint.TimeOut last = place.timeOut;
    int times = now - last.untilNanos() < last.nanos() ? last.times() : 0;
    int failures = place.failuresInARow;
    place.failuresInARow = 0;
    if (isLast(place, now)) {
      long nanos = nanos(policy, 1);
      place.timeOut = new Endpoint.TimeOut(now + nanos, nanos, times, false);
      return;
    }
    times = Math.min(times + 1, MANY);
    long nanos = nanos(policy, times);
    place.timeOut = new Endpoint.TimeOut(now + nanos, nanos, times, true);
    ejections.incrementAndGet();
    listener.ejected(place.target().address(), failures, Duration.ofNanos(nanos));
  }

  private static long nanos(CellPolicy.Ejection policy, int times) {
    return Math.min(policy.first().toNanos() * times, policy.longest().toNanos());
  }

  private boolean isLast(Endpoint place, long now) {
    for (Endpoint other : places) {
      if (other != place && !other.ejected(now)) {
        return false;
      }
    }
    return true;
  }

  /**
   * One exchange with a place. What came of it is told at most once, before it is closed; closed
   * untold (the client gave up, say) it counts neither for nor against the place.
   */
  public final class Use implements AutoCloseable {
    private final Endpoint place;
    private final boolean timedOut;

    private Use(Endpoint place, boolean timedOut) {
      this.place = place;
      this.timedOut = timedOut;
      place.begin();
    }

    public Target target() {
      return place.target();
    }

    /** It answered, with whatever status. */
    public void answered() {
      if (place.failuresInARow > 0 || place.timedOut(clock.getAsLong())) {
        Endpoints.this.answered(place, timedOut);
      }
    }

    /** The exchange broke: not connected, reset, closed, timed out. */
    public void failed(CellPolicy.Ejection policy) {
      Endpoints.this.failed(place, policy);
    }

    @Override
    public void close() {
      place.end();
    }
  }
}
