package io.cellrouter.traffic;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Makes up the requests, one after the other; belongs to one thread. */
final class Mix {
  /** How much of the skewed load goes to the hot cell; the rest is spread over all. */
  private static final double HOT_SHARE = 0.8;

  /** How long a cell is the hot one, so that a dashboard shows the load move. */
  private static final long HOT_NANOS = 60_000_000_000L;

  private static final double PAYLOAD_SHARE = 0.3;
  private static final int MAX_IMPATIENCE_MILLIS = 20;

  private static final String JSON = "application/json";
  private static final Set<Integer> OK = Set.of(200);
  private static final Set<Integer> LIMITED = Set.of(200, 429);
  private static final Set<Integer> INVALID = Set.of(422);

  private final List<String> cells;
  private final boolean keysAskedFor;
  private final RandomGenerator random;

  /**
   * @param cells the configured ones to send to, at least one
   */
  Mix(List<String> cells, boolean keysAskedFor, RandomGenerator random) {
    this.cells = List.copyOf(cells);
    this.keysAskedFor = keysAskedFor;
    this.random = random;
  }

  Shot next(Pace.Due due) {
    Kind kind = due.burst() ? Kind.BURST : steadyKind();
    return switch (kind) {
      case NORMAL -> valid(kind, anyCell(), OK);
      // A rate limit may well end a burst; nothing else may.
      case BURST -> valid(kind, anyCell(), LIMITED);
      case SKEWED -> valid(kind, skewedCell(due.atNanos()), OK);
      case INVALID_CELL -> json(kind, "", "{\"cellID\":\"" + noCell() + "\"}", INVALID);
      case MALFORMED -> malformed();
      case MISSING_KEY -> valid(kind, anyCell(), Set.of(401)).with(Shot.Key.NONE);
      case WRONG_KEY -> valid(kind, anyCell(), Set.of(403)).with(Shot.Key.WRONG);
      case IMPATIENT -> valid(kind, anyCell(), OK).with(impatience());
    };
  }

  private Kind steadyKind() {
    int sum = 0;
    for (Kind kind : Kind.values()) {
      sum += kind.weight(keysAskedFor);
    }
    int left = random.nextInt(sum);
    for (Kind kind : Kind.values()) {
      left -= kind.weight(keysAskedFor);
      if (left < 0) {
        return kind;
      }
    }
    throw new IllegalStateException("weights do not add up");
  }

  private Shot valid(Kind kind, String cell, Set<Integer> expected) {
    String payload =
        random.nextDouble() < PAYLOAD_SHARE
            ? String.format(
                Locale.ROOT,
                ",\"payload\":{\"order\":%d,\"items\":[\"apple\",\"pear\"],\"paid\":%b}",
                random.nextInt(100_000),
                random.nextBoolean())
            : "";
    return json(kind, cell, "{\"cellID\":\"" + cell + "\"" + payload + "}", expected);
  }

  private String anyCell() {
    return cells.get(random.nextInt(cells.size()));
  }

  private String skewedCell(long atNanos) {
    return random.nextDouble() < HOT_SHARE
        ? cells.get((int) (atNanos / HOT_NANOS % cells.size()))
        : anyCell();
  }

  /** An id that is well-formed and not configured, or one that never can be. */
  private String noCell() {
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> "much-too-long";
      default -> "no-cell-" + (1 + random.nextInt(9));
    };
  }

  private Shot malformed() {
    String cell = anyCell();
    return switch (random.nextInt(9)) {
      case 0 -> json(Kind.MALFORMED, "", "{\"cellID\":\"" + cell, INVALID);
      case 1 -> json(Kind.MALFORMED, "", "cellID=" + cell, INVALID);
      case 2 -> json(Kind.MALFORMED, "", "", INVALID);
      case 3 -> json(Kind.MALFORMED, "", "[\"" + cell + "\"]", INVALID);
      case 4 -> json(Kind.MALFORMED, "", "{\"cell\":\"" + cell + "\"}", INVALID);
      case 5 -> json(Kind.MALFORMED, "", "{\"cellID\":1}", INVALID);
      case 6 ->
          json(
              Kind.MALFORMED,
              "",
              "{\"cellID\":\"" + cell + "\",\"cellID\":\"" + cell + "\"}",
              INVALID);
      case 7 -> json(Kind.MALFORMED, "", "{\"cellID\":\"" + cell + "\"} and more", INVALID);
      default ->
          json(Kind.MALFORMED, "", "{\"cellID\":\"" + cell + "\"}", Set.of(415))
              .withContentType("text/plain");
    };
  }

  private Shot.Manner impatience() {
    return random.nextBoolean()
        ? new Shot.Manner.HangsUp()
        : new Shot.Manner.TimesOut(random.nextInt(1, MAX_IMPATIENCE_MILLIS + 1));
  }

  private static Shot json(Kind kind, String cell, String body, Set<Integer> expected) {
    return new Shot(
        kind,
        cell,
        JSON,
        body.getBytes(StandardCharsets.UTF_8),
        Shot.Key.GIVEN,
        new Shot.Manner.Waits(),
        expected);
  }
}
