package io.cellrouter.forward;

import java.util.function.Consumer;
import java.util.function.Supplier;

/** A value made once, by whoever asks first; the others wait for it. */
final class Lazy<T> {
  private final Supplier<T> maker;
  private volatile T value;

  Lazy(Supplier<T> maker) {
    this.maker = maker;
  }

  T get() {
    T made = value;
    return made == null ? make() : made;
  }

  private synchronized T make() {
    if (value == null) {
      value = maker.get();
    }
    return value;
  }

  /** Hands the value over if it was ever made. */
  synchronized void ifMade(Consumer<T> consumer) {
    if (value != null) {
      consumer.accept(value);
    }
  }
}
