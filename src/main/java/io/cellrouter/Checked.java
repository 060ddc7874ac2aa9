package io.cellrouter;

import io.cellrouter.auth.KeyParser;
import io.cellrouter.config.ConfigException;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.EdgeFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that keeps a router from serving, found before anything is started.
 *
 * @param config there only without a problem
 */
record Checked(Optional<RouterConfig> config, List<String> problems) {

  static Checked of(Map<String, String> environment) {
    List<String> problems = new ArrayList<>();
    Optional<RouterConfig> config = Optional.empty();
    try {
      config = Optional.of(ConfigLoader.load(environment));
    } catch (ConfigException e) {
      problems.addAll(e.problems());
    }
    for (RouterConfig.KeySource keys : ConfigLoader.keySources(environment)) {
      try {
        KeyParser.check(keys);
      } catch (KeyParser.BadKeysException e) {
        problems.add(keys.setting() + " " + e.getMessage());
      }
    }
    List<String> flags =
        config.map(loaded -> EdgeFlags.problems(System::getProperty, loaded)).orElse(List.of());
    if (!flags.isEmpty()) {
      problems.add(
          "refusing to serve without limits; start me with @jlink/edge.options, as ./build.sh run"
              + " and bin/router do: "
              + String.join("; ", flags));
    }
    return new Checked(problems.isEmpty() ? config : Optional.empty(), problems);
  }
}
