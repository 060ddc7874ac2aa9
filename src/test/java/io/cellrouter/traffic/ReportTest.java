package io.cellrouter.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final List<String> CELLS = List.of("1");

  private static Shot shot(Kind kind) {
    Mix mix = new Mix(CELLS, true, new SplittableRandom(1));
    return Stream.generate(() -> mix.next(new Pace.Due(0, kind == Kind.BURST)))
        .filter(shot -> shot.kind() == kind)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void tellsExpectedFromUnexpectedByStatus() {
    Tally tally = new Tally();
    tally.count(shot(Kind.NORMAL), new Answer.Status(200, "1"), 1_000_000, false);
    tally.count(shot(Kind.NORMAL), new Answer.Status(200, "1"), 1_000_000, false);
    tally.count(shot(Kind.NORMAL), new Answer.Status(502, "1"), 3_000_000, false);
    tally.count(shot(Kind.NORMAL), new Answer.Status(200, "2"), 1_000_000, false);
    tally.count(shot(Kind.NORMAL), new Answer.Status(429, ""), 1_000_000, false);
    tally.count(shot(Kind.BURST), new Answer.Status(429, ""), 1_000_000, false);
    tally.count(shot(Kind.WRONG_KEY), new Answer.Status(403, ""), 1_000_000, false);
    tally.count(shot(Kind.MISSING_KEY), new Answer.Status(200, "1"), 1_000_000, false);
    tally.count(shot(Kind.INVALID_CELL), new Answer.None("refused"), 1_000_000, false);
    tally.count(shot(Kind.IMPATIENT), new Answer.GaveUp(), 1_000_000, false);
    tally.notSent();

    assertEquals(
        """
        kind             requests    p50 ms    p99 ms   expected         unexpected
        normal                  5       1.0       3.0   200: 2           200 of another cell: 1, 429: 1, 502: 1
        burst                   1       1.0       1.0   429: 1           -
        invalid cell            1         -         -   -                refused: 1
        missing key             1       1.0       1.0   -                200: 1
        wrong key               1       1.0       1.0   403: 1           -
        impatient               1         -         -   gave up: 1       -

        cell             requests    p50 ms    p99 ms   expected         unexpected
        1                       6       1.0       3.0   200: 2, 429: 1   200 of another cell: 1, 429: 1, 502: 1

        10 requests in 2:05, 5 of them answered unexpectedly.
        1 more were due but not sent: 2,000 were under way already.
        3 were still under way and are not counted.
        """,
        Report.summary(tally.totals(), Duration.ofMillis(124_600), 3));
  }

  @Test
  void setsApartWhatClientsSawBesideATroubledCell() {
    Tally tally = new Tally();
    tally.count(shot(Kind.NORMAL), new Answer.Status(200, "1"), 1_000_000, false);
    tally.count(shot(Kind.SKEWED), new Answer.Status(200, "1"), 1_000_000, false);
    tally.count(shot(Kind.NORMAL), new Answer.Status(200, "1"), 9_000_000, true);
    tally.count(shot(Kind.BURST), new Answer.None("timeout"), 9_000_000, true);
    tally.count(shot(Kind.MALFORMED), new Answer.Status(422, ""), 9_000_000, true);

    String told = Report.summary(tally.totals(), Duration.ofSeconds(9), 0);

    assertEquals(
        """
        cell             requests    p50 ms    p99 ms   expected   unexpected
        1                       4       1.0       9.4   200: 3     timeout: 1

        others well      requests    p50 ms    p99 ms   expected   unexpected
        1                       2       1.0       1.0   200: 2     -

        beside trouble   requests    p50 ms    p99 ms   expected   unexpected
        1                       2       9.4       9.4   200: 1     timeout: 1

        5 requests in 0:09, 1 of them answered unexpectedly.
        """,
        told.substring(told.indexOf("cell  ")));
  }

  @Test
  void tellsHowItGoesInOneLine() {
    Tally tally = new Tally();
    tally.count(shot(Kind.NORMAL), new Answer.Status(200, "1"), 1_000_000, false);
    tally.count(shot(Kind.NORMAL), new Answer.None("timeout"), 35_000_000_000L, false);

    assertEquals(
        "0:42 of 5:00  2 done, 1 unexpected, 7 in flight  p50 1.0 p99 1.0 ms",
        Report.line(tally.totals(), Duration.ofSeconds(42), Duration.ofMinutes(5), 7));
  }
}
