package io.cellrouter.config;

import java.util.ArrayList;
import java.util.List;

/**
 * What a configuration may say and hardly means. Without API keys every client is {@code
 * anonymous}: rates of a client are then rates of all of them together, and of those named nobody
 * comes.
 */
public final class Advice {
  private static final String ANONYMOUS = "anonymous";

  private Advice() {}

  /** One sentence each, the setting first; empty when there is nothing to say. */
  public static List<String> of(RouterConfig config) {
    return config.auth().enabled() ? List.of() : withoutKeys(config);
  }

  private static List<String> withoutKeys(RouterConfig config) {
    List<String> advice = new ArrayList<>();
    if (config.clientRates().of(ANONYMOUS).limits()) {
      advice.add(oneClient("CLIENT_RATE or clients"));
    }
    List<String> cells =
        config.cells().stream()
            .filter(cell -> cell.policy().clientRate().limits())
            .map(CellConfig::id)
            .toList();
    if (!cells.isEmpty()) {
      advice.add(oneClient("client_rate of cell " + String.join(", ", cells)));
    }
    List<String> named =
        config.clientRates().named().keySet().stream()
            .filter(name -> !name.equals(ANONYMOUS))
            .sorted()
            .toList();
    if (!named.isEmpty()) {
      advice.add(nobody("clients: " + String.join(", ", named)));
    }
    if (config.overload().priorityClients().contains(ANONYMOUS)) {
      advice.add(
          "PRIORITY_CLIENTS names anonymous while API_KEY_ENABLED is false: everybody's X-Priority"
              + " is believed");
    } else if (!config.overload().priorityClients().isEmpty()) {
      advice.add(nobody("PRIORITY_CLIENTS"));
    }
    return advice;
  }

  private static String oneClient(String setting) {
    return setting
        + ": with API_KEY_ENABLED=false all clients are one, anonymous, and share this rate; one of"
        + " them can use it up for all";
  }

  private static String nobody(String setting) {
    return setting + ": with API_KEY_ENABLED=false nobody is known by name, so this has no effect";
  }
}
