package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the README invites a new user to try, with the programs that it names. */
@Tag("fault")
class StoppedCellTest {
  private static final Duration STOP_AFTER = Duration.ofSeconds(2);

  /**
   * traffic tells one 99th percentile of all its time, so a single pause of the machine of a tenth
   * of a second shows in it. What a stopped cell does to the others would show every time.
   */
  private static final int TRIES = 3;

  @Test
  void trafficForTheOtherCellsDoesNotNoticeThatOneIsStopped() throws Exception {
    Row.forget(Fault.STOPPED);
    try (DemoCell one = DemoCell.recording("1"); // What they got is looked at in the end.
        DemoCell two = DemoCell.recording("2");
        CellProcess three = CellProcess.start("3");
        RouterProcess router =
            RouterProcess.start(
                Map.of(
                    "NGINX_1_URL",
                    one.url(),
                    "NGINX_2_URL",
                    two.url(),
                    "NGINX_3_URL",
                    three.url(),
                    // The default of 30 s would only make the test longer.
                    "REQUEST_TIMEOUT",
                    "2",
                    "CELL_BREAKER_OPEN",
                    "0.5",
                    "CELL_BREAKER_OPEN_MAX",
                    "1"),
                "-Djdk.httpclient.keepalive.timeout=2")) {
      Eventually.isTrue(() -> router.management().get("/ready").statusCode() == 200);
      Held idle = Held.by(router);
      traffic(router, "0.03"); // Warm.
      Compared compared = Compared.of(router, three);
      int round = 1;
      for (; round < TRIES && !compared.with.isAsGoodAs(compared.without); round++) {
        compared = Compared.of(router, three);
      }
      compared.with.assertAsGoodAs(compared.without);
      assertNothingCameTwice(one);
      assertNothingCameTwice(two);
      new Row(
              Fault.STOPPED,
              compared.seen,
              compared.others + " × 200",
              compared.without + " → " + compared.with + Row.round(round),
              Row.seconds(compared.recovery) + ", " + Row.seconds(Trial.RECOVERY),
              idle + " → " + Held.assertIsBackTo(idle, router))
          .keep();
    }
  }

  /**
   * Requests are told apart by their IDs, which the attempts of one share: payloads of traffic may
   * be the same. Other methods than POST may be sent again.
   */
  private static void assertNothingCameTwice(DemoCell cell) {
    Map<String, Long> counts =
        cell.received().stream()
            .filter(each -> each.head().getFirst().startsWith("POST "))
            .collect(
                Collectors.groupingBy(
                    each -> each.header("X-Request-ID"), TreeMap::new, Collectors.counting()));
    assertTrue(counts.size() > 100, () -> "traffic sends POSTs: " + counts.size());
    counts.values().removeIf(count -> count == 1);
    assertEquals(Map.of(), counts, "reached a cell more than once");
  }

  /**
   * Two runs of traffic, one undisturbed, one during which a cell is stopped.
   *
   * @param seen what clients of the stopped cell got that they did not expect
   * @param others requests for the other cells, none of them answered unexpectedly
   * @param without the slower of the other cells, undisturbed
   * @param with the same, disturbed
   */
  private record Compared(String seen, long others, Speed without, Speed with, Duration recovery) {
    static Compared of(RouterProcess router, CellProcess three) throws Exception {
      String without = traffic(router, "0.1");
      CompletableFuture<String> running =
          CompletableFuture.supplyAsync(() -> traffic(router, "0.1"));
      TimeUnit.NANOSECONDS.sleep(STOP_AFTER.toNanos());
      three.signal("STOP");
      String with = running.get();
      three.signal("CONT");
      long end = System.nanoTime();
      Eventually.isTrue(() -> router.http().route("{\"cellID\":\"3\"}").statusCode() == 200);
      Duration recovery = Duration.ofNanos(System.nanoTime() - end);
      for (String id : List.of("1", "2")) {
        assertEquals("-", Line.of(id, without).unexpected, without);
        assertEquals("-", Line.of(id, with).unexpected, with);
      }
      assertEquals("-", Line.of("3", without).unexpected, without);
      assertNotEquals("-", Line.of("3", with).unexpected, "it was stopped: " + with);
      assertTrue(recovery.compareTo(Trial.RECOVERY) <= 0, "recovered after " + recovery);
      return new Compared(
          Line.of("3", with).unexpected,
          Line.of("1", with).requests + Line.of("2", with).requests,
          slower(without),
          slower(with),
          recovery);
    }

    private static Speed slower(String output) {
      Speed one = Line.of("1", output).speed;
      Speed two = Line.of("2", output).speed;
      return new Speed(Math.max(one.median(), two.median()), Math.max(one.p99(), two.p99()));
    }
  }

  private static String traffic(RouterProcess router, String minutes) {
    try {
      RouterProcess.Ended ended =
          RouterProcess.runCommand(
              CellProcess.program(
                  "traffic",
                  "http://127.0.0.1:" + router.port(),
                  "--minutes",
                  minutes,
                  "--warm-up",
                  "0",
                  "--cells",
                  "1,2,3",
                  "--seed",
                  "7"),
              Map.of());
      return ended.output() + ended.errors();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** A cell's line in what {@code traffic} prints at its end. */
  private record Line(long requests, Speed speed, String unexpected) {
    static Line of(String cell, String output) {
      Matcher line =
          Pattern.compile(
                  "^" + cell + " +([\\d,]+) +([\\d,.]+) +([\\d,.]+) {3}.*? {3,}(\\S.*)$",
                  Pattern.MULTILINE)
              .matcher(output);
      assertTrue(line.find(), "no line of cell " + cell + ": " + output);
      return new Line(
          Long.parseLong(line.group(1).replace(",", "")),
          new Speed(number(line.group(2)), number(line.group(3))),
          line.group(4).strip());
    }

    private static double number(String text) {
      return Double.parseDouble(text.replace(",", ""));
    }
  }
}
