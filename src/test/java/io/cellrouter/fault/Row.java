package io.cellrouter.fault;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What one trial measured: a row of {@code docs/failure-modes.md}. Kept as a file below {@code
 * target/fault-rows}, one each fault, until the page is made of all of them.
 *
 * @param seen what clients of the cell in trouble got, with the share of each
 * @param others requests for the other cells while there was trouble, all of them answered with 200
 * @param speed their p99 without the fault → with it
 * @param recovery measured, and its bound
 * @param held what the router held, idle → at the end
 */
record Row(Fault fault, String seen, String others, String speed, String recovery, String held) {
  private static final Path FOLDER = Path.of("target", "fault-rows");

  private static final String NOT_TRIED = "not tried: ";

  boolean wasTried() {
    return !seen.startsWith(NOT_TRIED);
  }

  Row with(String heldThen) {
    return new Row(fault, seen, others, speed, recovery, heldThen);
  }

  /** Says that the trial failed before while the machine was busy with something else. */
  Row begunAnew(int times) {
    return times == 0
        ? this
        : new Row(fault, seen, others, speed + "; begun anew " + times + " ×", recovery, held);
  }

  /** Whichever way, a row is kept only by a trial whose every check held. */
  void keep() throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("seen", seen);
    fields.put("others", others);
    fields.put("speed", speed);
    fields.put("recovery", recovery);
    fields.put("held", held);
    Files.createDirectories(FOLDER);
    Files.writeString(file(fault), JSON.std.asString(fields));
  }

  /** Takes back what an earlier run of the same trial left. */
  static void forget(Fault fault) throws IOException {
    Files.deleteIfExists(file(fault));
  }

  static Optional<Row> of(Fault fault) throws IOException {
    if (!Files.exists(file(fault))) {
      return Optional.empty();
    }
    Map<String, Object> fields = JSON.std.mapFrom(Files.readString(file(fault)));
    return Optional.of(
        new Row(
            fault,
            (String) fields.get("seen"),
            (String) fields.get("others"),
            (String) fields.get("speed"),
            (String) fields.get("recovery"),
            (String) fields.get("held")));
  }

  /** This machine does not allow it; the page says so instead of figures. */
  static void notTried(Fault fault, String why) throws IOException {
    new Row(fault, NOT_TRIED + why, "–", "–", "–", "–").keep();
  }

  private static Path file(Fault fault) {
    return FOLDER.resolve(fault.name().toLowerCase(Locale.ROOT) + ".json");
  }

  /** {@code 503 breaker_open 91 %, 504 deadline_exceeded 9 %}: the most frequent first. */
  static String shares(List<Shot> shots) {
    Map<String, Long> counts =
        shots.stream().collect(Collectors.groupingBy(Shot::outcome, Collectors.counting()));
    List<Map.Entry<String, Long>> sorted = new ArrayList<>(counts.entrySet());
    sorted.sort(Map.Entry.<String, Long>comparingByValue().reversed());
    return sorted.stream()
        .map(each -> share(each.getKey(), each.getValue(), shots.size()))
        .collect(Collectors.joining(", "));
  }

  private static String share(String outcome, long count, int of) {
    double percent = 100.0 * count / of;
    return percent < 1
        ? outcome + " <1 %"
        : String.format(Locale.ROOT, "%s %.0f %%", outcome, percent);
  }

  /** For the page, when it was not the first round that the speeds are of. */
  static String round(int number) {
    return number == 1 ? "" : " (round " + number + ")";
  }

  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
  }
}
