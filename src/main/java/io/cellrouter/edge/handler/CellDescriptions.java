package io.cellrouter.edge.handler;

import io.cellrouter.cell.Cell;
import io.cellrouter.cell.CellOverride;
import io.cellrouter.config.CellSetting;
import io.cellrouter.forward.Snapshot;
import io.cellrouter.resilience.CellGate;
import io.cellrouter.resilience.CellHealth;
import io.cellrouter.resilience.endpoint.Endpoints;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** A cell as operators see it: what holds for it, and how it is. */
final class CellDescriptions {
  private final StatusFacts facts;

  CellDescriptions(StatusFacts facts) {
    this.facts = facts;
  }

  /**
   * @param snapshot that the cell is of
   */
  Map<String, Object> of(Cell cell, Snapshot snapshot) {
    CellHealth health = facts.health().of(cell);
    CellGate gate = snapshot.gates().of(cell);
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("id", cell.id());
    described.put("name", cell.name());
    described.put("url", cell.addresses().getFirst().api().toString());
    if (cell.addresses().size() > 1) {
      described.put(
          "urls", cell.addresses().stream().map(address -> address.api().toString()).toList());
    }
    described.put("state", cell.state().label());
    described.put("share", cell.share());
    described.put(
        "override",
        facts.control().override(cell.id()).map(CellDescriptions::override).orElse(null));
    described.put("health", health.status().label());
    described.put("probes", health.rounds());
    described.put("probe_failures_in_a_row", health.failuresInARow());
    described.put("in_flight", gate.inFlight());
    described.put("in_flight_limit", gate.limit(cell));
    described.put(
        "endpoints",
        snapshot.clients().of(cell).endpoints().list().stream()
            .map(CellDescriptions::endpoint)
            .toList());
    described.put("breaker", gate.breakerState().label());
    described.put("limits", CellSetting.describe(cell.policy()));
    return described;
  }

  private static Map<String, Object> endpoint(Endpoints.View endpoint) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("address", endpoint.address());
    described.put("state", endpoint.ejected() ? "ejected" : "available");
    described.put("in_flight", endpoint.inFlight());
    return described;
  }

  /** What is as configured is left out. */
  private static Map<String, Object> override(CellOverride override) {
    Map<String, Object> described = new LinkedHashMap<>();
    override.state().ifPresent(state -> described.put("state", state.label()));
    override.share().ifPresent(share -> described.put("share", share));
    described.put("by", override.by());
    described.put("reason", override.reason());
    described.put("expires_at", override.expiresAt().truncatedTo(ChronoUnit.SECONDS).toString());
    return described;
  }
}
