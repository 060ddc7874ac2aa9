package io.cellrouter.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.support.Eventually;
import io.cellrouter.support.Http;
import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fault")
class ConfigFileTest {
  /** The file is looked at each second. */
  private static final Duration WITHIN = Duration.ofSeconds(3);

  @TempDir private Path folder;
  private Path file;
  private int version = 7;
  private String inForce = "";
  private double rejected;

  @Test
  void aFileThatIsCorruptEmptyGoneOrOlderChangesNothingAndIsSeen() throws Exception {
    file = folder.resolve("cells.yaml");
    write(good());
    Trial.of(Fault.CONFIG_FILE)
        .setting("ROUTER_CONFIG", file.toString())
        .fault(this::breakIt, this::mendIt)
        .comesBack("the file", WITHIN, this::isMended)
        .lasts(Duration.ofMillis(100))
        .run();
  }

  /** Two lines of which one is wrong, then nothing, then no file, then yesterday's. */
  private void breakIt(RouterProcess router) throws Exception {
    inForce = Http.json(router.management().get("/cells")).get("cells").toString();
    rejected = rejected(router);
    write(good().replace("max_in_flight: ", "max_in_flight: lots of "));
    isRefused(router, 1, "line 4");
    write("version: 9\ncells: {");
    isRefused(router, 2, "line ");
    write("");
    isRefused(router, 3, "is empty");
    Files.delete(file);
    isRefused(router, 4, "there is no file");
    write(good().replace("version: " + version, "version: 6"));
    isRefused(router, 5, "version 6 is older than version " + version);
  }

  private void mendIt(RouterProcess router) throws Exception {
    version++;
    write(good());
  }

  private boolean isMended(RouterProcess router) {
    if (!config(router).equals("current")) {
      return false;
    }
    assertEquals(0, metric(router, "router_config_stale"));
    assertEquals(version, metric(router, "router_config_version"));
    assertTrue(
        router.management().get("/cells").body().contains("\"max_in_flight\":" + (100 + version)),
        "the good file after them is in force");
    return true;
  }

  private void isRefused(RouterProcess router, int count, String said) {
    Eventually.isTrue(() -> rejected(router) == rejected + count);
    // It is counted first; the log is written by a thread of its own.
    Eventually.isTrue(
        () ->
            router.lines().stream()
                .anyMatch(line -> line.contains("\"level\":\"WARN\"") && line.contains(said)));
    assertEquals("stale", config(router));
    assertEquals(1, metric(router, "router_config_stale"));
    var cells = Http.json(router.management().get("/cells"));
    assertTrue(cells.get("config").toString().contains(said), cells.get("config")::toString);
    assertEquals(version, metric(router, "router_config_version"));
    // What changes by itself is left out.
    assertEquals(settings(inForce), settings(cells.get("cells").toString()));
  }

  private static String settings(String cells) {
    return cells
        .replaceAll("in_flight=\\d+", "")
        .replaceAll("(last_|since|probe|latency)[^,}]*", "");
  }

  /** A cell's setting changes with each version, so that it shows which one is in force. */
  private String good() {
    return "version: %d\ncells:\n  \"1\":\n    max_in_flight: %d\n"
        .formatted(version, 100 + version);
  }

  /** As a mounted ConfigMap changes: at once. */
  private void write(String content) throws IOException {
    Path next = Files.writeString(folder.resolve("next"), content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String config(RouterProcess router) {
    return Http.json(router.management().get("/health")).get("config").toString();
  }

  private static double rejected(RouterProcess router) {
    return metric(router, "router_config_reloads_total{result=\"failure\"}");
  }

  private static double metric(RouterProcess router, String series) {
    return Scraped.of(router, series);
  }
}
