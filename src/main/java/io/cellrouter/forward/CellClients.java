package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.util.Map;
import java.util.stream.Collectors;

/** One {@link CellClient} a cell: a cell that exhausts its client exhausts nobody else's. */
public final class CellClients implements AutoCloseable {
  private final Map<String, CellClient> byId;
  private final DeadlineWatch watch = new DeadlineWatch();

  public CellClients(CellMap map, RouterConfig config, Metrics metrics, Ids ids, Tracer tracer) {
    byId =
        map.cells().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Cell::id,
                    cell ->
                        new CellClient(
                            cell,
                            new Lazy<>(
                                () ->
                                    HttpClients.create(cell.secure(), config.timeouts().connect())),
                            watch,
                            config.limits().maxResponse(),
                            metrics.cell(cell.id()),
                            ids,
                            new ExchangeSpans(tracer, cell))));
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
