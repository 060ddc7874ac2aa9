package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * One {@link CellClient} a cell: a cell that exhausts its client exhausts nobody else's. Immutable,
 * the clients are not.
 */
public final class CellClients implements AutoCloseable {
  private final Map<String, CellClient> byId;
  private final Function<Cell, CellClient> maker;
  private final DeadlineWatch watch;

  private CellClients(
      Map<String, CellClient> byId, Function<Cell, CellClient> maker, DeadlineWatch watch) {
    this.byId = byId;
    this.maker = maker;
    this.watch = watch;
  }

  /** New clients for all cells. */
  public static CellClients of(
      CellMap map, RouterConfig config, Metrics metrics, Ids ids, Tracer tracer) {
    DeadlineWatch watch = new DeadlineWatch();
    Function<Cell, CellClient> maker =
        cell ->
            new CellClient(
                cell,
                new Lazy<>(() -> HttpClients.create(cell.secure(), config.timeouts().connect())),
                watch,
                config.limits().maxResponse(),
                metrics.cell(cell.id()),
                ids,
                new ExchangeSpans(tracer, cell));
    return new CellClients(Map.of(), maker, watch).next(map);
  }

  /** The clients after a change: a cell keeps its own while its addresses stay the same. */
  public CellClients next(CellMap map) {
    Map<String, CellClient> next = new HashMap<>();
    for (Cell cell : map.cells()) {
      CellClient kept = byId.get(cell.id());
      next.put(
          cell.id(), kept != null && kept.reaches(cell.addresses()) ? kept : maker.apply(cell));
    }
    return new CellClients(next, maker, watch);
  }

  /**
   * Makes the HTTP clients, which takes tens of milliseconds for their TLS context alone: in the
   * background, once the ports are open. A request that is quicker makes its own.
   */
  public void prepare() {
    byId.values().forEach(CellClient::prepare);
  }

  public CellClient of(Cell cell) {
    return byId.get(cell.id());
  }

  @Override
  public void close() {
    byId.values().forEach(CellClient::close);
    watch.close();
  }
}
