package io.cellrouter.traffic;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One run: a thread that keeps the pace, a virtual thread for each request under way. Open loop: a
 * request is sent when it is due, whatever has become of those before it.
 */
final class TrafficRun {
  /**
   * Beyond this, what is due is counted and not sent: the router hangs, and more connections would
   * tell nothing new about it.
   */
  static final int MAX_IN_FLIGHT = 2_000;

  private final Sender sender;
  private final Mix mix;
  private final Pace pace;
  private final Timer timer;
  private final Duration planned;
  private final Tally tally = new Tally();
  private final Troubles troubles = new Troubles();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Semaphore landed = new Semaphore(0);
  private final Thread pacer = Thread.ofPlatform().name("pace").daemon().unstarted(this::fire);
  private volatile boolean stopped;
  private volatile long begun;
  private volatile long ended;
  private int launched;

  TrafficRun(Sender sender, Mix mix, Pace pace, Timer timer, Duration planned) {
    this.sender = sender;
    this.mix = mix;
    this.pace = pace;
    this.timer = timer;
    this.planned = planned;
  }

  void start() {
    begun = timer.nanoTime();
    ended = begun;
    pacer.start();
  }

  /** Sends nothing more; what is under way goes on. */
  void stop() {
    stopped = true;
    pacer.interrupt();
  }

  boolean wasStopped() {
    return stopped;
  }

  /**
   * Waits until the last request has been sent.
   *
   * @return false when this time passed before
   */
  boolean awaitSent(Duration atMost) throws InterruptedException {
    return pacer.join(atMost);
  }

  /**
   * Waits, after {@link #awaitSent}, for the answers still to come.
   *
   * @return false when this time passed before
   */
  boolean awaitAnswers(Duration atMost) throws InterruptedException {
    if (!landed.tryAcquire(launched, atMost.toNanos(), TimeUnit.NANOSECONDS)) {
      return false;
    }
    landed.release(launched);
    return true;
  }

  int inFlight() {
    return inFlight.get();
  }

  Tally.Totals totals() {
    return tally.totals();
  }

  /** How long requests have been sent for. */
  Duration elapsed() {
    return Duration.ofNanos((pacer.isAlive() ? timer.nanoTime() : ended) - begun);
  }

  Duration planned() {
    return planned;
  }

  private void fire() {
    for (Pace.Due due = pace.next(); due.atNanos() < planned.toNanos(); due = pace.next()) {
      timer.awaitNanoTime(begun + due.atNanos());
      if (stopped) {
        break;
      }
      Shot shot = mix.next(due); // Also of those not sent: the sequence depends on the seed alone.
      if (inFlight.get() >= MAX_IN_FLIGHT) {
        tally.notSent();
      } else {
        inFlight.incrementAndGet();
        launched++;
        long dueAt = begun + due.atNanos();
        Optional<Troubles.Pending> pending =
            shot.kind().shouldReachItsCell()
                ? Optional.of(troubles.sent(shot.cell(), dueAt))
                : Optional.empty();
        Thread.ofVirtual().start(() -> send(shot, dueAt, pending));
      }
    }
    ended = timer.nanoTime();
  }

  private void send(Shot shot, long dueAt, Optional<Troubles.Pending> pending) {
    try {
      Answer answer = sender.send(shot);
      long now = timer.nanoTime();
      pending.ifPresent(one -> troubles.ended(one, shot.expects(answer), now));
      tally.count(shot, answer, now - dueAt, troubles.elsewhere(shot.cell(), now));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      inFlight.decrementAndGet();
      landed.release();
    }
  }
}
