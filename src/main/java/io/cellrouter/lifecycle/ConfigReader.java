package io.cellrouter.lifecycle;

import io.cellrouter.config.ConfigException;
import io.cellrouter.config.RouterConfig;

/**
 * Makes a configuration of the environment, as it was at the start, and what {@code ROUTER_CONFIG}
 * holds now.
 */
@FunctionalInterface
public interface ConfigReader {
  /**
   * @param content of the file; it is not read again, so that what is judged is what was compared
   * @throws ConfigException with every problem found
   */
  RouterConfig read(byte[] content) throws ConfigException;
}
