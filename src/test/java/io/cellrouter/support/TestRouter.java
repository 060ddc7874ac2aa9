package io.cellrouter.support;

import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.LogLevel;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.demo.DemoCell;
import io.cellrouter.lifecycle.RouterService;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole router on free ports in this process, with recording demo cells "1", "2", "3". */
public final class TestRouter implements AutoCloseable {
  /** Not a setting of the router: the ids of other demo cells than those, separated by commas. */
  public static final String CELLS = "TEST_CELLS";

  private final Map<String, DemoCell> cells = new HashMap<>();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(log);
  private final RouterService service;

  private TestRouter(Map<String, String> environment) throws Exception {
    Map<String, String> settings = new HashMap<>(environment);
    settings.putIfAbsent("PORT", "0");
    settings.putIfAbsent("MANAGEMENT_PORT", "0");
    settings.putIfAbsent("BIND_ADDRESS", "127.0.0.1");
    settings.putIfAbsent("DRAIN_DELAY", "0");
    String ids = Optional.ofNullable(settings.remove(CELLS)).orElse("1,2,3");
    if (!ConfigLoader.definesCells(settings)) {
      for (String id : ids.split(",", -1)) {
        cells.put(id, DemoCell.recording(id));
        settings.put("NGINX_" + id + "_URL", cells.get(id).url());
      }
    }
    RouterConfig config = ConfigLoader.load(settings);
    service =
        RouterService.start(
            config,
            content -> ConfigLoader.load(settings, content),
            new Log(LogLevel.DEBUG, Clock.systemUTC(), writer),
            writer::dropped);
  }

  public static TestRouter start() throws Exception {
    return start(Map.of());
  }

  /** Settings as in the environment; ports are free ones unless given. */
  public static TestRouter start(Map<String, String> environment) throws Exception {
    return new TestRouter(environment);
  }

  public int port() {
    return service.port();
  }

  public int managementPort() {
    return service.managementPort();
  }

  public RouterService service() {
    return service;
  }

  public DemoCell cell(String id) {
    return cells.get(id);
  }

  public Http http() {
    return new Http(port());
  }

  public Http management() {
    return new Http(managementPort());
  }

  /** The state of a cell's breaker, by {@code /cells}. */
  public String breaker(String id) {
    return management()
        .get("/cells")
        .body()
        .replaceAll("(?s).*\"id\":\"" + id + "\".*?\"breaker\":\"(\\w+)\".*", "$1");
  }

  /** Requests that reached any cell, probes aside. */
  public List<DemoCell.Received> received() {
    List<DemoCell.Received> all = new ArrayList<>();
    cells.values().forEach(cell -> all.addAll(cell.received()));
    return all;
  }

  /** Everything logged so far that has been written. */
  public String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  /** The access log line of one request, once it has been written. */
  public String logLine(String requestId) {
    return Eventually.get(
        () ->
            log()
                .lines()
                .filter(line -> line.contains("\"request_id\":\"" + requestId + "\""))
                .findFirst());
  }

  @Override
  public void close() {
    service.close();
    cells.values().forEach(DemoCell::close);
    writer.close();
  }
}
