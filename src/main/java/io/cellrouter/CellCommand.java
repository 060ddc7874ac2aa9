package io.cellrouter;

import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import io.cellrouter.lifecycle.Signals;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/** {@code cell}: one demo cell in a process of its own. */
final class CellCommand {
  private static final String HELP =
      """
      Usage: cell-router cell [--id 1] [--name nginx-1] [--port 8081] [FAULTS]

      Runs one demo cell on loopback: POST /api, GET /health.
        --latency MS       wait before every answer
        --error-rate R     answer this share of requests (0 to 1) with 500
        --reset-rate R     reset this share of connections in the middle of the body
        --stall WHERE      none, headers (never answer), body (stop half-way), drip (a byte a second)

      Faults can be changed while it runs:
        curl -X POST 'localhost:8081/faults?latency=200&stall=body'
      """;

  private CellCommand() {}

  static int run(List<String> arguments) throws InterruptedException {
    if (arguments.contains("--help")) {
      System.out.print(HELP);
      return 0;
    }
    String id = "1";
    String name = "";
    int port = 8_081;
    Faults faults = Faults.NONE;
    try {
      for (Iterator<String> each = arguments.iterator(); each.hasNext(); ) {
        String option = each.next();
        if (!option.startsWith("--") || !each.hasNext()) {
          throw new IllegalArgumentException("\"" + option + "\" is not an option with a value");
        }
        String value = each.next();
        switch (option) {
          case "--id" -> id = value;
          case "--name" -> name = value;
          case "--port" -> port = Integer.parseInt(value);
          default -> faults = faults.with(option.substring(2), value);
        }
      }
    } catch (IllegalArgumentException e) {
      return Main.complain("cell: " + e.getMessage() + "; cell --help lists the options");
    }
    Signals signals = Signals.install();
    try (DemoCell cell = DemoCell.start(id, name.isEmpty() ? "nginx-" + id : name, port, faults)) {
      System.out.println("demo cell " + id + " on " + cell.url());
      signals.awaitStop();
      return 0;
    } catch (IOException e) {
      return Main.complain("cell: port " + port + " cannot be had: " + e.getMessage());
    }
  }
}
