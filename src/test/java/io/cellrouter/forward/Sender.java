package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellPolicy;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.LogLevel;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.RetryBudget;
import io.cellrouter.resilience.endpoint.Lookup;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.TraceContext;
import io.cellrouter.telemetry.trace.Tracer;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** The clients of one cell "1", without the router around them. */
final class Sender implements AutoCloseable {
  private final RouterConfig config;
  private final Ids ids = new Ids(new Random(1));
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final LogWriter writer = new LogWriter(log);
  private final Metrics metrics;
  private CellClients clients;
  private Cell cell;

  CellPolicy.Retry retry = new CellPolicy.Retry(2, false, Duration.ofMillis(25), 0.2, 3);
  final Budget budget = new Budget();
  BooleanSupplier open = () -> true;

  /** Half of it for the cell: three answers of 100 kB as they grow. */
  final ByteBudget answers = new ByteBudget(600_000, ByteBudget.SMALL_ANSWER);

  /** Gives what it has, and remembers. */
  static final class Budget implements RetryBudget {
    int allowed = Integer.MAX_VALUE;
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger underWay = new AtomicInteger();

    @Override
    public boolean tryTake(CellPolicy.Retry policy) {
      if (asked.incrementAndGet() > allowed) {
        return false;
      }
      underWay.incrementAndGet();
      return true;
    }

    @Override
    public void give() {
      underWay.decrementAndGet();
    }
  }

  private Sender(Map<String, String> settings, Lookup lookup, List<String> urls) throws Exception {
    Map<String, String> environment = new HashMap<>(settings);
    environment.put("NGINX_1_URL", "http://127.0.0.1:1");
    config = ConfigLoader.load(environment);
    metrics = new Metrics(config.cells(), new BuildInfo("test"));
    CellMap map = map(urls, CellPolicy.defaults().ejection());
    cell = map.find("1").orElseThrow();
    clients =
        CellClients.of(
            map,
            config,
            answers,
            metrics,
            ids,
            Tracer.off(),
            new Log(LogLevel.INFO, Clock.systemUTC(), writer),
            lookup);
  }

  static Sender to(String... urls) throws Exception {
    return with(Map.of(), urls);
  }

  static Sender with(Map<String, String> settings, String... urls) throws Exception {
    return new Sender(settings, InetAddress::getAllByName, List.of(urls));
  }

  static Sender with(Lookup lookup, String... urls) throws Exception {
    return new Sender(Map.of("CONNECT_TIMEOUT", "0.3"), lookup, List.of(urls));
  }

  private static CellMap map(List<String> urls, CellPolicy.Ejection ejection) {
    CellPolicy defaults = CellPolicy.defaults();
    CellPolicy policy =
        new CellPolicy(
            defaults.bulkhead(),
            defaults.breaker(),
            defaults.retry(),
            ejection,
            defaults.rate(),
            defaults.clientRate());
    return CellMap.of(
        1,
        List.of(
            new CellConfig(
                "1",
                "one",
                urls.stream().map(URI::create).toList(),
                CellConfig.CellState.ACTIVE,
                100,
                policy)));
  }

  /** What a reload does; returns the clients from before. */
  CellClients change(CellPolicy.Ejection ejection, String... urls) {
    CellClients before = clients;
    CellMap map = map(List.of(urls), ejection);
    clients = before.next(map);
    before.retireAllBut(clients);
    cell = map.find("1").orElseThrow();
    return before;
  }

  /** A change that is made ready and then given up. */
  void changeInVain(String url) {
    CellClients next = clients.next(map(List.of(url), CellPolicy.defaults().ejection()));
    next.prepare();
    next.retireAllBut(clients);
  }

  Cell cell() {
    return cell;
  }

  CellClients clients() {
    return clients;
  }

  CellClient client() {
    return clients.of(cell);
  }

  Outcome post(Duration within) throws InterruptedException {
    return send("POST", false, within);
  }

  Outcome send(String method, boolean repeatable, Duration within) throws InterruptedException {
    return send(request(method, repeatable), within);
  }

  Outcome send(byte[] body, Duration within) throws InterruptedException {
    return send(request("POST", false, body), within);
  }

  private Outcome send(CellRequest request, Duration within) throws InterruptedException {
    return client().send(request, Deadline.after(System.nanoTime(), within), retry, budget, open);
  }

  static CellRequest request(String method, boolean repeatable) {
    return request(method, repeatable, "{\"a\":1}".getBytes(StandardCharsets.UTF_8));
  }

  private static CellRequest request(String method, boolean repeatable, byte[] body) {
    return new CellRequest(
        method,
        repeatable,
        "request-1",
        "",
        "192.0.2.1",
        "/api/route",
        TraceContext.begin(new Ids(new Random(1)), false),
        List.of(),
        ByteBuffer.wrap(body));
  }

  String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  /** Outcomes of retries that are not zero, sorted. */
  List<String> retries() {
    return new String(metrics.page().render("").body(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("router_retries_total{cell_id=\"1\""))
        .filter(line -> !line.endsWith(" 0.0"))
        .map(line -> line.replaceAll(".*outcome=\"(\\w+)\",} (\\d+).0", "$1 $2"))
        .sorted()
        .toList();
  }

  @Override
  public void close() {
    clients.close();
    writer.close();
  }
}
