package io.cellrouter.fault;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a trial saw, to be asked questions.
 *
 * @param shots all requests answered so far, in no order
 * @param inTrouble the cells that the fault is for
 */
record Course(List<Shot> shots, List<Round> rounds, Set<String> inTrouble) {
  Course {
    rounds = List.copyOf(rounds);
  }

  /**
   * When (in {@link System#nanoTime}) each part of a round began.
   *
   * @param over when failures had ceased, or were not waited for any longer
   */
  record Round(long without, long with, long after, long over) {}

  /** Of the other cells, from the first round on and whatever was going on. */
  List<Shot> others() {
    return between(rounds.getFirst().without(), Long.MAX_VALUE, shot -> !isInTrouble(shot));
  }

  /** Of the cell in trouble, while it was. */
  List<Shot> during() {
    return inRounds(round -> between(round.with(), round.after(), this::isInTrouble));
  }

  /** Of the cell that was in trouble, once it no longer was. */
  List<Shot> afterwards() {
    return inRounds(round -> between(round.after(), round.over(), this::isInTrouble));
  }

  /** Of all cells, answered before there was any fault in the last round. */
  List<Shot> before() {
    Round last = rounds.getLast();
    return between(last.without(), last.with(), shot -> shot.done() < last.with());
  }

  /** Of the other cells in the last round, without the fault. */
  Speed without() {
    Round last = rounds.getLast();
    return Speed.of(between(last.without(), last.with(), shot -> !isInTrouble(shot)));
  }

  /** Of the other cells in the last round, with the fault. */
  Speed with() {
    Round last = rounds.getLast();
    return Speed.of(between(last.with(), last.after(), shot -> !isInTrouble(shot)));
  }

  /** The longest, over all rounds, from the fault's end to the last failure of its cell. */
  Duration recovery() {
    return rounds.stream()
        .map(round -> recovery(round.after(), round.over()))
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** Of one round, from the fault's end to the last failure of its cell. */
  Duration recovery(long after, long over) {
    return Duration.ofNanos(
        between(after, over, shot -> isInTrouble(shot) && shot.failed()).stream()
            .mapToLong(shot -> shot.due() - after)
            .max()
            .orElse(0));
  }

  /** Whether the last round tells nothing of how fast the others are: see {@link Trial}. */
  boolean isSpoilt() {
    return !with().isAsGoodAs(without()) || !failures(before()).isEmpty();
  }

  /** How many of each, by cell and outcome. */
  static Map<String, Long> failures(List<Shot> shots) {
    return shots.stream()
        .filter(Shot::failed)
        .collect(
            Collectors.groupingBy(
                shot -> shot.cell() + ": " + shot.outcome(), TreeMap::new, Collectors.counting()));
  }

  private boolean isInTrouble(Shot shot) {
    return inTrouble.contains(shot.cell());
  }

  private List<Shot> inRounds(Function<Round, List<Shot>> part) {
    return rounds.stream().map(part).flatMap(List::stream).toList();
  }

  private List<Shot> between(long from, long to, Predicate<Shot> which) {
    Stream<Shot> due = shots.stream().filter(shot -> shot.due() >= from && shot.due() < to);
    return due.filter(which).toList();
  }
}
