package io.cellrouter.resilience;

import io.cellrouter.config.CellPolicy;
import io.cellrouter.telemetry.Reason;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How often each client may ask, over all cells. A token that was taken stays taken whatever
 * becomes of the request: this counts asking. Holds buckets only; the rate is that of the request's
 * snapshot.
 */
public final class ClientRates {
  static final String NAME = "client";

  private final IntSupplier replicas;
  private final ClientBuckets buckets;

  /**
   * @param replicas that share each rate, see {@link Fleet}
   */
  public ClientRates(IntSupplier replicas) {
    this(replicas, System::nanoTime);
  }

  ClientRates(IntSupplier replicas, LongSupplier clock) {
    this.replicas = replicas;
    this.buckets = new ClientBuckets(clock);
  }

  /** Counts a request of this client; empty when it may go on. */
  public Optional<Admission.Refused> admit(String client, CellPolicy.Rate rate) {
    if (!rate.limits()) {
      return Optional.empty();
    }
    TokenBucket bucket = buckets.of(client);
    int sharers = replicas.getAsInt();
    long wait = bucket.take(rate, sharers);
    return wait == 0
        ? Optional.empty()
        : Optional.of(
            Admission.Refused.until(
                Reason.RATE_LIMIT_CLIENT, wait, bucket.describe(NAME, rate, sharers)));
  }

  /** How the client stands now; empty without a limit. */
  public Optional<RateLimit> current(String client, CellPolicy.Rate rate) {
    return rate.limits()
        ? Optional.of(buckets.of(client).describe(NAME, rate, replicas.getAsInt()))
        : Optional.empty();
  }
}
