package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.endpoint.Endpoints;
import io.cellrouter.resilience.endpoint.Lookup;
import io.cellrouter.resilience.endpoint.Places;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** Makes the clients of cells out of what they share, through all changes of the cells. */
final class ClientMaker implements AutoCloseable {
  /** Not secret, so the fast one; asked for anew each time, since it belongs to the thread. */
  private static final RandomGenerator RANDOM = () -> ThreadLocalRandom.current().nextLong();

  private final RouterConfig config;
  private final Metrics metrics;
  private final Ids ids;
  private final Tracer tracer;
  private final Log log;
  private final Lookup lookup;
  private final DeadlineWatch watch;
  private final Retirement retirement;
  private final Backoff backoff = new Backoff(RANDOM);
  private final FairTime fair;
  private final Map<String, AtomicLong> ejections = new ConcurrentHashMap<>();
  private final ByteBudget answers;

  ClientMaker(
      RouterConfig config,
      ByteBudget answers,
      Metrics metrics,
      Ids ids,
      Tracer tracer,
      Log log,
      Lookup lookup) {
    this.answers = answers;
    this.lookup = lookup;
    this.config = config;
    this.metrics = metrics;
    this.ids = ids;
    this.tracer = tracer;
    this.log = log;
    this.watch = new DeadlineWatch(log);
    this.fair = FairTime.of(config.timeouts().request());
    this.retirement = new Retirement(config.timeouts().request().plusSeconds(1));
  }

  /** A client over connections of its own. */
  CellClient anew(Cell cell) {
    Endpoints endpoints =
        new Endpoints(
            System::nanoTime,
            RANDOM,
            (address, failures, duration) ->
                log.named("endpoint")
                    .warn(
                        "cell "
                            + cell.id()
                            + ": "
                            + address
                            + " gets no requests for "
                            + duration.toMillis()
                            + " ms after "
                            + failures
                            + " failures in a row"),
            ejections.computeIfAbsent(cell.id(), id -> new AtomicLong()));
    Connections connections =
        new Connections(
            cell.addresses(),
            new Lazy<>(() -> HttpClients.create(cell.secure(), config.timeouts().connect())),
            new Places(cell.addresses(), endpoints, lookup, log));
    return over(connections, cell);
  }

  /** A client with the cell's policy of now over connections that stay. */
  CellClient over(Connections connections, Cell cell) {
    return new CellClient(
        cell.policy().ejection(),
        connections,
        new Exchange(
            cell.id(),
            watch,
            config.limits().maxResponse(),
            fair,
            answers.of(cell.id()),
            ids,
            new ExchangeSpans(tracer, cell.id())),
        config.timeouts().connect(),
        fair,
        metrics.cell(cell.id()),
        backoff);
  }

  /** Closes connections when no request can be using them any more. */
  void retire(Connections connections) {
    retirement.of(connections);
  }

  @Override
  public void close() {
    retirement.close();
    watch.close();
  }
}
