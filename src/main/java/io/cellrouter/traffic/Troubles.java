package io.cellrouter.traffic;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which cells are in trouble, as a client sees it: a request to the cell has waited for {@link
 * #WAIT_NANOS} and still waits, or an answer of the last {@link #WAIT_NANOS} was not an expected
 * one. Any number of threads may tell and ask.
 */
final class Troubles {
  /** Long for an answer, short beside the troubles that one looks for. */
  static final long WAIT_NANOS = 1_000_000_000;

  private final Map<String, OfCell> cells = new ConcurrentSkipListMap<>();

  /** A request under way. */
  static final class Pending {
    private final String cell;
    private final long dueAt;
    private boolean over; // Guarded by its cell.

    private Pending(String cell, long dueAt) {
      this.cell = cell;
      this.dueAt = dueAt;
    }
  }

  private static final class OfCell {
    private final Deque<Pending> pending = new ArrayDeque<>(); // As they became due.
    private boolean disappointed;
    private long disappointedAt;

    synchronized void add(Pending one) {
      pending.addLast(one);
    }

    synchronized void end(Pending one, boolean expected, long now) {
      one.over = true;
      // Those in the middle go when all before them have gone.
      while (!pending.isEmpty() && pending.peekFirst().over) {
        pending.removeFirst();
      }
      if (!expected) {
        disappointed = true;
        disappointedAt = now;
      }
    }

    synchronized boolean inTrouble(long now) {
      boolean waits = !pending.isEmpty() && now - pending.peekFirst().dueAt >= WAIT_NANOS;
      return waits || (disappointed && now - disappointedAt < WAIT_NANOS);
    }
  }

  /** A request for this cell is due. */
  Pending sent(String cell, long dueAt) {
    Pending one = new Pending(cell, dueAt);
    cells.computeIfAbsent(cell, each -> new OfCell()).add(one);
    return one;
  }

  /** It is over, answered or not. */
  void ended(Pending one, boolean expected, long now) {
    cells.get(one.cell).end(one, expected, now);
  }

  /** Whether any cell but this one is in trouble. */
  boolean elsewhere(String cell, long now) {
    for (Map.Entry<String, OfCell> each : cells.entrySet()) {
      if (!each.getKey().equals(cell) && each.getValue().inTrouble(now)) {
        return true;
      }
    }
    return false;
  }
}
