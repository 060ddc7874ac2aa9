package io.cellrouter;

import io.cellrouter.lifecycle.Signals;
import io.cellrouter.traffic.NotReadyException;
import io.cellrouter.traffic.Options;
import io.cellrouter.traffic.Traffic;
import java.io.Console;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** {@code traffic}: mixed load for one router. */
final class TrafficCommand {
  static final String HELP =
      """
      Usage: cell-router traffic URL [--minutes 5] [--rate 200] [--cells 1,2,3] [--key KEY] [--seed N]
                                       [--warm-up 5]

      Sends the mixed load that fills dashboards to the router at URL, for example
      http://localhost:8080, and to nothing else: normal requests, bursts, a hot cell that moves
      every minute, cells that do not exist, malformed bodies, clients that give up or hang up,
      and, where the router asks for keys, missing and wrong ones.

        --minutes M    how long, fractions allowed (5)
        --warm-up S    seconds of the same load before that, of which nothing counts: a router that
                       has just started, and this program, are slow for a moment (5)
        --rate N       requests a second, 1 to 5000 (200); every 10 s, for a second, three times
                       as many, but never more than 5000
        --cells IDS    cells to send to; without it, those of 1 to 9 that the router knows
        --key KEY      API key for a router that asks for one; the variable TRAFFIC_API_KEY does
                       the same and does not show in the list of processes
        --seed N       the same seed gives the same requests in the same order

      Each answer is either expected (422 for a malformed body, 200 for a normal request, 200 or
      429 in a burst) or unexpected (a normal request refused, an answer of another cell, none at
      all). The summary counts both, by kind and by cell; when a cell let a request wait for a
      second or answered unexpectedly, also apart: what the others' clients saw while all others
      were well, and what beside the trouble. Latencies are of answered requests and count from
      when a request was due.

      Exit code: 0 when nothing unexpected came back, or after Ctrl-C;
                 1 when something did, or when no router answers; 2 when an option is wrong.
      """;

  private static final String KEY_VARIABLE = "TRAFFIC_API_KEY";

  private TrafficCommand() {}

  static int run(List<String> arguments, Map<String, String> environment)
      throws InterruptedException {
    if (arguments.contains("--help")) {
      System.out.print(HELP);
      return 0;
    }
    Options options;
    try {
      options = parse(arguments, environment);
    } catch (IllegalArgumentException e) {
      return Main.complain("traffic: " + e.getMessage() + "; traffic --help lists the options");
    }
    try (Traffic traffic = Traffic.prepare(options)) {
      Signals signals = Signals.install();
      Thread.ofVirtual()
          .name("stop")
          .start(
              () -> {
                try {
                  signals.awaitStop();
                  traffic.stop();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      // JDK 25 has no console at all where input or output is redirected.
      boolean terminal =
          Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
      return traffic.run(System.out, terminal) ? 0 : 1;
    } catch (NotReadyException e) {
      System.err.println("cell-router: " + e.getMessage());
      return 1;
    }
  }

  /**
   * @throws IllegalArgumentException when an option is unknown or wrong; the message is for the
   *     user
   */
  static Options parse(List<String> arguments, Map<String, String> environment) {
    Iterator<String> each = arguments.iterator();
    String url = each.hasNext() ? each.next() : "";
    if (url.isEmpty() || url.startsWith("--")) {
      throw new IllegalArgumentException("the router's URL must come first");
    }
    Options options = Options.to(url, ThreadLocalRandom.current().nextInt(1, 1_000_000));
    String key = environment.getOrDefault(KEY_VARIABLE, "");
    if (!key.isEmpty()) {
      options = options.withKey(key);
    }
    while (each.hasNext()) {
      String option = each.next();
      if (!option.startsWith("--") || !each.hasNext()) {
        throw new IllegalArgumentException("\"" + option + "\" is not an option with a value");
      }
      options = with(options, option, each.next());
    }
    return options;
  }

  private static Options with(Options options, String option, String value) {
    try {
      return switch (option) {
        case "--minutes" -> options.withMinutes(Double.parseDouble(value));
        case "--warm-up" -> options.withWarmUp(Double.parseDouble(value));
        case "--rate" -> options.withRate(Integer.parseInt(value));
        case "--seed" -> options.withSeed(Long.parseLong(value));
        case "--key" -> options.withKey(value);
        case "--cells" ->
            options.withCells(
                Arrays.stream(value.split(",", -1))
                    .map(String::strip)
                    .filter(id -> !id.isEmpty())
                    .toList());
        default -> throw new IllegalArgumentException("there is no option " + option);
      };
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(option + " must be a number", e);
    }
  }
}
