package io.cellrouter.telemetry.trace;

import java.util.ArrayList;
import java.util.List;

/** Gathers the attributes of one span. */
public final class Attributes {
  /** Longer values are cut: a path is the client's to choose. */
  private static final int MAX_VALUE = 256;

  private final List<Span.Attribute> attributes = new ArrayList<>(8);

  /** Leaves it out when the value is empty. */
  public Attributes with(String key, String value) {
    if (!value.isEmpty()) {
      attributes.add(
          new Span.Attribute.Text(
              key, value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE)));
    }
    return this;
  }

  public Attributes with(String key, long value) {
    attributes.add(new Span.Attribute.Whole(key, value));
    return this;
  }

  public List<Span.Attribute> list() {
    return attributes;
  }
}
