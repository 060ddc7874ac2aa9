package io.cellrouter.config;

/** A value, or the sentence that says why there is none. */
sealed interface Parsed<T> {
  /** What was asked for. */
  record Value<T>(T value) implements Parsed<T> {}

  /** The end of a sentence that begins with the name of the setting. */
  record Problem<T>(String problem) implements Parsed<T> {}

  static <T> Parsed<T> value(T value) {
    return new Value<>(value);
  }

  static <T> Parsed<T> problem(String problem) {
    return new Problem<>(problem);
  }
}
