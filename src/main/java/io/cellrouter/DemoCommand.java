package io.cellrouter;

import io.cellrouter.config.ConfigLoader;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.demo.Faults;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code demo}: the whole thing on one machine. Without a cell in the environment it brings three
 * of its own; everything else is the service as it is, on port 8080 and without a drain delay.
 */
final class DemoCommand {
  private DemoCommand() {}

  static int run(Map<String, String> environment) throws InterruptedException {
    Map<String, String> settings = new HashMap<>(environment);
    settings.putIfAbsent("PORT", "8080");
    settings.putIfAbsent("DRAIN_DELAY", "0");
    List<DemoCell> cells = new ArrayList<>();
    try {
      if (!ConfigLoader.definesCells(settings)) {
        for (String id : List.of("1", "2", "3")) {
          DemoCell cell = DemoCell.start(id, "nginx-" + id, 0, Faults.NONE);
          cells.add(cell);
          settings.put("NGINX_" + id + "_URL", cell.url());
        }
        System.err.println(hint(settings.get("PORT")));
      }
      return Main.serve(settings);
    } catch (IOException e) {
      return Main.complain("the demo cells cannot be started: " + e.getMessage());
    } finally {
      cells.forEach(DemoCell::close);
    }
  }

  private static String hint(String port) {
    return """
        Router with three demo cells. In another terminal:
          curl -s localhost:%s/api/route -H 'Content-Type: application/json' -d '{"cellID":"1"}'
        API docs: http://localhost:%s/docs   Stop: Ctrl-C"""
        .formatted(port, port);
  }
}
