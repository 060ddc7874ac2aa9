package io.cellrouter.lifecycle;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellConfig.CellState;
import io.cellrouter.edge.handler.CellControl;
import io.cellrouter.forward.CellClient;
import io.cellrouter.forward.LiveCells;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.Breaker;
import io.cellrouter.resilience.CellGate;
import io.cellrouter.resilience.CellHealth;
import io.cellrouter.resilience.HealthBoard;
import io.cellrouter.resilience.endpoint.Endpoints;
import io.cellrouter.telemetry.Metrics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** What can be read of each cell at any time, as metrics: read of the snapshot in force. */
final class CellGauges {
  private final LiveCells cells;

  private CellGauges(LiveCells cells) {
    this.cells = cells;
  }

  static void bind(LiveCells cells, HealthBoard board, CellControl control, Metrics metrics) {
    CellGauges gauges = new CellGauges(cells);
    metrics.perCell(
        "router_inflight_requests",
        "Requests admitted to the cell and not finished.",
        () -> gauges.each((snapshot, cell) -> snapshot.gates().of(cell).inFlight()));
    metrics.perCell(
        "router_bulkhead_limit",
        "Requests in flight to the cell at most, as of now.",
        () -> gauges.each((snapshot, cell) -> snapshot.gates().of(cell).limit(cell)));
    metrics.perCell(
        "router_breaker_state",
        "1 for the state the cell's circuit breaker is in.",
        "state",
        () -> gauges.each((snapshot, cell) -> breaker(snapshot.gates().of(cell))));
    metrics.countPerCell(
        "router_breaker_transitions",
        "Times the cell's circuit breaker came into a state.",
        "to",
        () -> gauges.each((snapshot, cell) -> transitions(snapshot.gates().of(cell))));
    metrics.perCell(
        "router_endpoints",
        "Endpoints of the cell by whether they get requests.",
        "state",
        () -> gauges.each((snapshot, cell) -> endpoints(snapshot.clients().of(cell))));
    metrics.countPerCell(
        "router_endpoint_ejections",
        "Times an endpoint of the cell was left alone after failures in a row.",
        () -> gauges.each((snapshot, cell) -> snapshot.clients().of(cell).endpoints().ejections()));
    metrics.perCell(
        "router_cell_up",
        "Whether the cell's last probe found it healthy.",
        () ->
            gauges.each(
                (snapshot, cell) -> one(board.of(cell).status() == CellHealth.Status.HEALTHY)));
    metrics.perCell(
        "router_cell_share",
        "Percent of the cell's clients that are admitted.",
        () -> gauges.each((snapshot, cell) -> cell.share()));
    metrics.perCell(
        "router_cell_override",
        "1 while the cell's state or share is not the configured one on an operator's word.",
        () -> gauges.each((snapshot, cell) -> one(control.override(cell.id()).isPresent())));
    metrics.perCell(
        "router_cell_state",
        "1 for the state the cell is in.",
        "state",
        () -> gauges.each((snapshot, cell) -> states(cell.state())));
  }

  private <V> Map<String, V> each(BiFunction<Snapshot, Cell, V> value) {
    Snapshot snapshot = cells.snapshot();
    Map<String, V> values = new LinkedHashMap<>();
    snapshot.map().cells().forEach(cell -> values.put(cell.id(), value.apply(snapshot, cell)));
    return values;
  }

  private static Map<String, Integer> breaker(CellGate gate) {
    Breaker.State current = gate.breakerState();
    Map<String, Integer> states = new LinkedHashMap<>();
    for (Breaker.State state : Breaker.State.values()) {
      states.put(state.label(), one(state == current));
    }
    return states;
  }

  private static Map<String, Long> transitions(CellGate gate) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Breaker.State state : Breaker.State.values()) {
      counts.put(state.label(), gate.transitions(state));
    }
    return counts;
  }

  private static Map<String, Integer> endpoints(CellClient client) {
    List<Endpoints.View> all = client.endpoints().list();
    int ejected = (int) all.stream().filter(Endpoints.View::ejected).count();
    return Map.of("available", all.size() - ejected, "ejected", ejected);
  }

  private static Map<String, Integer> states(CellState current) {
    Map<String, Integer> states = new LinkedHashMap<>();
    for (CellState state : CellState.values()) {
      states.put(state.label(), one(state == current));
    }
    return states;
  }

  private static int one(boolean is) {
    return is ? 1 : 0;
  }
}
