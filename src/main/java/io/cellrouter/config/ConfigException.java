package io.cellrouter.config;

import java.util.List;

/** A configuration that cannot be used; carries every problem found, not only the first. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  public ConfigException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** One sentence each, naming the setting and what to do. */
  public List<String> problems() {
    return problems;
  }
}
