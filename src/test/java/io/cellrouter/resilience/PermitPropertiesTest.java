package io.cellrouter.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.config.CellPolicy.Rate;
import io.cellrouter.support.FakeClock;
import io.cellrouter.telemetry.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;
import net.jqwik.api.statistics.StatisticsReport.StatisticsReportMode;

/**
 * Requests of several threads that wait, are interrupted, break, and come with policies of before
 * and after a reload: whatever they do, nothing of the gate is missing afterwards. Breaker and
 * rates go by a fake clock; the waits are real.
 */
class PermitPropertiesTest {
  private static final int THREADS = 5;
  private static final int MOST = 2;

  /** Longer than all that the others do: who waits so long was forgotten. */
  private static final Duration PATIENT = Duration.ofSeconds(5);

  /** How a request that was admitted ends. */
  enum End {
    ANSWERED,
    FAILED,
    UNTOLD,
    THROWN,
    INTERRUPTED
  }

  /** What a thread does next. */
  sealed interface Step {
    /**
     * Asks, and holds on to what it gets.
     *
     * @param most in flight, by the policy it comes with
     * @param deadlineMicros from now
     */
    record Ask(
        int most, Duration maxWait, int deadlineMicros, boolean rates, int holdMicros, End end)
        implements Step {}

    /** Interrupts another one, in the middle of a wait if there is one within a millisecond. */
    record Interrupt(int whom) implements Step {}

    record Pass(int millis) implements Step {}
  }

  /** An exception that is none of the gate's. */
  private static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Property(tries = 200, shrinking = ShrinkingMode.OFF)
  @StatisticsReport(StatisticsReportMode.OFF)
  void whatManyThreadsTakeComesBack(@ForAll("scripts") List<List<Step>> scripts) throws Exception {
    Scene scene = new Scene();
    for (List<Step> script : scripts) {
      scene.workers.add(new Worker(scene, "client-" + scene.workers.size(), script));
    }
    scene.workers.forEach(worker -> worker.thread.start());
    for (Worker worker : scene.workers) {
      assertTrue(worker.thread.join(Duration.ofSeconds(30)), "somebody waits for ever");
    }
    scene.listener.breaks = false;

    for (Worker worker : scene.workers) {
      if (worker.failure != null) {
        throw new AssertionError(worker.failure);
      }
    }
    assertEquals(0, scene.gate.inFlight());
    assertEquals(0, scene.gate.held(), "nobody waits any more");
    noTrialIsHeld(scene.gate);
    recovers(scene);
    everyPlaceCanBeTaken(scene.gate);
    seen("admitted", scene.admitted);
    seen("refused", scene.refused);
    seen("interrupted in a wait", scene.interrupted);
    seen("broken", scene.broken);
    seen("broken by the listener", scene.listener.broken);
  }

  /** Histories without it would say nothing of it. */
  private static void seen(String what, AtomicInteger times) {
    Statistics.label(what)
        .collect(times.get() > 0)
        .coverage(coverage -> coverage.check(true).count(tries -> tries >= 1));
  }

  /** The clock stands, so one that was lost would not have run out. */
  private static void noTrialIsHeld(CellGate gate) {
    if (gate.breakerState() == Breaker.State.HALF_OPEN) {
      assertTrue(gate.refusal(cell(MOST, Duration.ZERO, false), anybody()).isEmpty());
    }
  }

  private static void recovers(Scene scene) {
    scene.clock.advance(Duration.ofMinutes(2));
    for (int i = 0; i < 10; i++) {
      try (Admission.Permit permit = admitted(scene.gate)) {
        permit.answered(200, 1);
      }
    }
    assertEquals(Breaker.State.CLOSED, scene.gate.breakerState());
  }

  private static void everyPlaceCanBeTaken(CellGate gate) {
    List<Admission.Permit> permits = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      permits.add(admitted(gate));
    }
    Admission more = gate.admit(cell(MOST, Duration.ZERO, false), anybody());
    assertEquals(Reason.BULKHEAD_FULL, assertInstanceOf(Admission.Refused.class, more).reason());
    permits.forEach(Admission.Permit::close);
  }

  private static Admission.Permit admitted(CellGate gate) {
    Admission admission = gate.admit(cell(MOST, Duration.ZERO, false), anybody());
    return assertInstanceOf(Admission.Admitted.class, admission).permit();
  }

  private static Caller anybody() {
    return new Caller("a", "a", false);
  }

  private static Cell cell(int most, Duration maxWait, boolean rates) {
    CellPolicy plain = Policies.of(Policies.breaker());
    return Policies.cell(
        new CellPolicy(
            Policies.bulkhead(most, maxWait),
            plain.breaker(),
            plain.retry(),
            plain.ejection(),
            rates ? new Rate(20, 4) : Rate.UNLIMITED,
            rates ? new Rate(10, 2) : Rate.UNLIMITED));
  }

  /** What the threads share. */
  private static final class Scene {
    final FakeClock clock = new FakeClock();
    final FaultyListener listener = new FaultyListener();
    final CellGate gate = new CellGate(clock, () -> 0.5, () -> 1, listener);
    final List<Worker> workers = new ArrayList<>();
    final AtomicInteger inside = new AtomicInteger();
    final AtomicInteger admitted = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger interrupted = new AtomicInteger();
    final AtomicInteger broken = new AtomicInteger();
  }

  /** Cannot write its line every third time. */
  private static final class FaultyListener implements CellGate.Listener {
    final AtomicInteger broken = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();
    volatile boolean breaks = true;

    @Override
    public void changed(Breaker.State from, Breaker.State to) {
      breakAtTimes();
    }

    @Override
    public void full(int limit, long refused) {
      breakAtTimes();
    }

    private void breakAtTimes() {
      if (breaks && calls.incrementAndGet() % 3 == 0) {
        broken.incrementAndGet();
        throw new Broken();
      }
    }
  }

  private static final class Worker {
    private final Scene scene;
    private final String client;
    private final List<Step> script;
    final Thread thread = Thread.ofVirtual().unstarted(this::run);
    private volatile boolean asking;
    private volatile Throwable failure;

    Worker(Scene scene, String client, List<Step> script) {
      this.scene = scene;
      this.client = client;
      this.script = script;
    }

    private void run() {
      try {
        for (Step step : script) {
          switch (step) {
            case Step.Pass(int millis) -> scene.clock.advance(Duration.ofMillis(millis));
            case Step.Interrupt(int whom) -> interrupt(scene.workers.get(whom));
            case Step.Ask ask -> {
              try {
                ask(ask);
              } catch (Broken e) {
                scene.broken.incrementAndGet();
              }
            }
          }
        }
      } catch (RuntimeException | Error e) {
        failure = e;
      }
    }

    private void interrupt(Worker other) {
      long end = System.nanoTime() + 1_000_000;
      while (System.nanoTime() < end && !other.waits()) {
        Thread.yield();
      }
      other.thread.interrupt();
    }

    private boolean waits() {
      return asking && thread.getState() == Thread.State.TIMED_WAITING;
    }

    private void ask(Step.Ask ask) {
      long begin = System.nanoTime();
      Caller caller = new Caller(client, client, false, begin + ask.deadlineMicros * 1_000L);
      switch (admission(cell(ask.most, ask.maxWait, ask.rates), caller)) {
        case Admission.Refused refused -> {
          scene.refused.incrementAndGet();
          if (Thread.interrupted()) {
            scene.interrupted.incrementAndGet();
          } else {
            assertTrue(System.nanoTime() - begin < PATIENT.toNanos(), "never woken");
          }
        }
        case Admission.Admitted admitted -> {
          scene.admitted.incrementAndGet();
          try (Admission.Permit permit = admitted.permit()) {
            hold(permit, ask);
          }
        }
      }
    }

    private Admission admission(Cell cell, Caller caller) {
      asking = true;
      try {
        return scene.gate.admit(cell, caller);
      } finally {
        asking = false;
      }
    }

    private void hold(Admission.Permit permit, Step.Ask ask) {
      try {
        assertTrue(scene.inside.incrementAndGet() <= MOST, "above the limit");
        LockSupport.parkNanos(ask.holdMicros * 1_000L);
      } finally {
        scene.inside.decrementAndGet();
      }
      switch (ask.end) {
        case ANSWERED -> permit.answered(200, 1_000_000);
        case FAILED -> permit.failed(1_000_000);
        case UNTOLD -> {}
        case THROWN -> throw new Broken();
        case INTERRUPTED -> thread.interrupt();
      }
    }
  }

  @Provide
  Arbitrary<List<List<Step>>> scripts() {
    Arbitrary<Step> ask =
        Combinators.combine(
                Arbitraries.integers().between(1, MOST),
                Arbitraries.of(Duration.ZERO, Duration.ofNanos(300_000), PATIENT, PATIENT),
                Arbitraries.of(-1, 500, 20_000_000, 20_000_000, 20_000_000),
                Arbitraries.of(false, false, false, true),
                Arbitraries.integers().between(0, 500),
                Arbitraries.frequency(
                    Tuple.of(3, End.ANSWERED),
                    Tuple.of(3, End.FAILED),
                    Tuple.of(1, End.UNTOLD),
                    Tuple.of(1, End.THROWN),
                    Tuple.of(1, End.INTERRUPTED)))
            .as(Step.Ask::new);
    Arbitrary<Step> step =
        Arbitraries.frequencyOf(
            Tuple.of(10, ask),
            Tuple.of(3, Arbitraries.integers().between(0, THREADS - 1).map(Step.Interrupt::new)),
            Tuple.of(2, Arbitraries.integers().between(1, 2_500).map(Step.Pass::new)));
    return step.list().ofMinSize(5).ofMaxSize(20).list().ofSize(THREADS);
  }
}
