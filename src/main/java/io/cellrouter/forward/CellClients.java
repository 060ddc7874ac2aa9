package io.cellrouter.forward;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellMap;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.resilience.ByteBudget;
import io.cellrouter.resilience.endpoint.Lookup;
import io.cellrouter.telemetry.Ids;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.Metrics;
import io.cellrouter.telemetry.trace.Tracer;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * One {@link CellClient} a cell: a cell that exhausts its client exhausts nobody else's. Immutable,
 * the connections are not.
 */
public final class CellClients implements AutoCloseable {
  private final Map<String, CellClient> byId;
  private final ClientMaker maker;

  private CellClients(Map<String, CellClient> byId, ClientMaker maker) {
    this.byId = byId;
    this.maker = maker;
  }

  /**
   * New clients for all cells.
   *
   * @param answers how much of them may be held
   */
  public static CellClients of(
      CellMap map,
      RouterConfig config,
      ByteBudget answers,
      Metrics metrics,
      Ids ids,
      Tracer tracer,
      Log log) {
    return of(map, config, answers, metrics, ids, tracer, log, InetAddress::getAllByName);
  }

  static CellClients of(
      CellMap map,
      RouterConfig config,
      ByteBudget answers,
      Metrics metrics,
      Ids ids,
      Tracer tracer,
      Log log,
      Lookup lookup) {
    return new CellClients(
            Map.of(), new ClientMaker(config, answers, metrics, ids, tracer, log, lookup))
        .next(map);
  }

  /**
   * The clients after a change. A cell keeps its connections while its URLs stay the same. Those of
   * before stay usable until {@link #retireAllBut}: the change may still come to nothing.
   */
  public CellClients next(CellMap map) {
    Map<String, CellClient> next = new HashMap<>();
    for (Cell cell : map.cells()) {
      CellClient before = byId.get(cell.id());
      next.put(
          cell.id(),
          before != null && before.connections().leadTo(cell.addresses())
              ? maker.over(before.connections(), cell)
              : maker.anew(cell));
    }
    return new CellClients(next, maker);
  }

  /**
   * Makes the HTTP clients, which takes tens of milliseconds for their TLS context alone, and
   * begins to look names up: in the background, once the ports are open, or before new cells are
   * put in force. Does nothing for those that are ready; a request that is quicker makes its own.
   */
  public void prepare() {
    byId.values().forEach(client -> client.connections().prepare());
  }

  /**
   * Closes the connections that the others do not have when the last request that may use them has
   * ended. Called once no new request gets these clients.
   */
  public void retireAllBut(CellClients kept) {
    byId.forEach(
        (id, mine) -> {
          CellClient other = kept.byId.get(id);
          if (other == null || other.connections() != mine.connections()) {
            maker.retire(mine.connections());
          }
        });
  }

  public CellClient of(Cell cell) {
    return byId.get(cell.id());
  }

  /** Ends all connections, those of earlier clients too. */
  @Override
  public void close() {
    byId.values().forEach(client -> client.connections().close());
    maker.close();
  }
}
