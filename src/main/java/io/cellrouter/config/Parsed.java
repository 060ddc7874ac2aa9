package io.cellrouter.config;

import java.util.Optional;
import java.util.function.Consumer;

/** A value, or the sentence that says why there is none. */
sealed interface Parsed<T> {
  /** The value; or nothing, once the problem has been told. */
  Optional<T> orTell(Consumer<String> problems);

  /** What was asked for. */
  record Value<T>(T value) implements Parsed<T> {
    @Override
    public Optional<T> orTell(Consumer<String> problems) {
      return Optional.of(value);
    }
  }

  /** The end of a sentence that begins with the name of the setting. */
  record Problem<T>(String problem) implements Parsed<T> {
    @Override
    public Optional<T> orTell(Consumer<String> problems) {
      problems.accept(problem);
      return Optional.empty();
    }
  }

  static <T> Parsed<T> value(T value) {
    return new Value<>(value);
  }

  static <T> Parsed<T> problem(String problem) {
    return new Problem<>(problem);
  }
}
