package io.cellrouter.support;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what must come true soon, and fails after ten seconds. */
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Eventually() {}

  public static <T> T get(Supplier<Optional<T>> source) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      Optional<T> value = source.get();
      if (value.isPresent()) {
        return value.get();
      }
      LockSupport.parkNanos(5_000_000);
    }
    throw new AssertionError("did not come true within " + PATIENCE.toSeconds() + " s");
  }

  public static void isTrue(BooleanSupplier condition) {
    get(() -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }
}
