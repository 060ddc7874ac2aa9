package io.cellrouter.telemetry.trace;

import java.util.List;

/**
 * One finished span.
 *
 * @param parentSpanId empty for the first of its trace
 * @param name of few possible values: what to group by
 * @param failed whether its status is ERROR; otherwise it is not set, as the conventions ask
 */
public record Span(
    String traceId,
    String spanId,
    String parentSpanId,
    Kind kind,
    String name,
    long startEpochNanos,
    long endEpochNanos,
    List<Attribute> attributes,
    boolean failed) {

  public Span {
    attributes = List.copyOf(attributes);
  }

  /** Which end of an exchange it describes, with the number OTLP gives it. */
  public enum Kind {
    SERVER(2),
    CLIENT(3);

    private final int number;

    Kind(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  /** A fact about it, under a name of OpenTelemetry's semantic conventions where there is one. */
  public sealed interface Attribute {
    String key();

    record Text(String key, String value) implements Attribute {}

    record Whole(String key, long value) implements Attribute {}
  }
}
