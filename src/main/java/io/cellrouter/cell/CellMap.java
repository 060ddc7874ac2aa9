package io.cellrouter.cell;

import io.cellrouter.config.CellConfig;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An immutable snapshot of all cells. */
public final class CellMap {
  private final long version;
  private final Map<String, Cell> byId;

  private CellMap(long version, Map<String, Cell> byId) {
    this.version = version;
    this.byId = Collections.unmodifiableMap(byId);
  }

  /**
   * @param version grows by one with every change; 1 is the map the process started with
   */
  public static CellMap of(long version, List<CellConfig> configs) {
    Map<String, Cell> byId = new LinkedHashMap<>();
    configs.forEach(config -> byId.put(config.id(), Cell.of(config)));
    return new CellMap(version, byId);
  }

  public long version() {
    return version;
  }

  /** The cell with exactly this id. There is no fallback: an unknown id has no cell. */
  public Optional<Cell> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  /** In configured order. */
  public Collection<Cell> cells() {
    return byId.values();
  }
}
