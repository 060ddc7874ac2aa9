package io.cellrouter.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** When each trouble begins and ends, all of it decided by the seed. */
final class SoakPlan {
  /** Nothing breaks at first, so that it is known how fast requests are. */
  static final Duration CALM = Duration.ofSeconds(10);

  private SoakPlan() {}

  /**
   * One begin or end.
   *
   * @param at from the start
   */
  record Event(Duration at, Trouble trouble, boolean begins) {}

  /** All events in order. No trouble is twice at a time, and no cell in two of them. */
  static List<Event> of(long seed, Duration length, List<Trouble> troubles) {
    Random random = new Random(seed);
    Map<String, Duration> free = new HashMap<>();
    List<Event> events = new ArrayList<>();
    for (Duration at = CALM; at.compareTo(length) < 0; at = at.plus(between(random, 500, 3_000))) {
      Trouble trouble = troubles.get(random.nextInt(troubles.size()));
      // Those of nobody's are all the router's own, so they take turns too.
      Duration from = free.getOrDefault(trouble.cell(), CALM);
      Duration end = at.plus(between(random, 1_500, 8_000));
      if (from.compareTo(at) <= 0 && end.compareTo(length) < 0) {
        events.add(new Event(at, trouble, true));
        events.add(new Event(end, trouble, false));
        free.put(trouble.cell(), end.plus(between(random, 1_000, 8_000)));
      }
    }
    events.sort(Comparator.comparing(Event::at));
    return events;
  }

  private static Duration between(Random random, int least, int most) {
    return Duration.ofMillis(random.nextInt(least, most));
  }
}
