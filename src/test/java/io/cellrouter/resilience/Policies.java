package io.cellrouter.resilience;

import io.cellrouter.cell.Cell;
import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** The default policy with one part of it replaced, and cells that have it. */
final class Policies {
  private static final CellPolicy PLAIN = CellPolicy.defaults();

  private Policies() {}

  static CellPolicy of(CellPolicy.Bulkhead bulkhead) {
    return new CellPolicy(
        bulkhead,
        PLAIN.breaker(),
        PLAIN.retry(),
        PLAIN.ejection(),
        PLAIN.rate(),
        PLAIN.clientRate());
  }

  static CellPolicy of(CellPolicy.Breaker breaker) {
    return new CellPolicy(
        PLAIN.bulkhead(),
        breaker,
        PLAIN.retry(),
        PLAIN.ejection(),
        PLAIN.rate(),
        PLAIN.clientRate());
  }

  static CellPolicy rates(CellPolicy policy, CellPolicy.Rate rate, CellPolicy.Rate clientRate) {
    return new CellPolicy(
        policy.bulkhead(), policy.breaker(), policy.retry(), policy.ejection(), rate, clientRate);
  }

  static CellPolicy.Bulkhead bulkhead(int most) {
    return bulkhead(most, Duration.ZERO);
  }

  static CellPolicy.Bulkhead bulkhead(int most, Duration maxWait) {
    return new CellPolicy.Bulkhead(most, maxWait, false, 1);
  }

  static CellPolicy.Bulkhead adaptive(int least, int most) {
    return new CellPolicy.Bulkhead(most, Duration.ZERO, true, least);
  }

  /** Opens at half of at least four, for a second, at most five; two trials; slow after 100 ms. */
  static CellPolicy.Breaker breaker() {
    return new CellPolicy.Breaker(
        true,
        Duration.ofSeconds(10),
        4,
        0.5,
        new CellPolicy.StatusRange(500, 599),
        Duration.ofMillis(100),
        0.75,
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        2);
  }

  static Cell cell(CellPolicy policy) {
    return cell(CellConfig.CellState.ACTIVE, 100, policy);
  }

  static Cell cell(CellConfig.CellState state, int share, CellPolicy policy) {
    return Cell.of(
        new CellConfig(
            "1", "one", List.of(URI.create("http://127.0.0.1:1")), state, share, policy));
  }
}
