package io.cellrouter.cell;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How {@code ROUTER_CONFIG} and what is in force stand to each other.
 *
 * @param version that the file in force states; 0 when it states none
 * @param loadedAt when what is in force was read
 * @param problems with what stands in the file now, each with its line; empty unless stale
 */
public record ConfigStatus(
    Optional<Path> file, long version, Instant loadedAt, List<String> problems) {

  public ConfigStatus {
    problems = List.copyOf(problems);
  }

  /** In a word. */
  public enum Freshness {
    /** There is no file to follow. */
    NONE,
    /** What stands in the file is in force. */
    CURRENT,
    /** The file cannot be used; the last good one holds. */
    STALE;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Freshness freshness() {
    if (file.isEmpty()) {
      return Freshness.NONE;
    }
    return problems.isEmpty() ? Freshness.CURRENT : Freshness.STALE;
  }
}
