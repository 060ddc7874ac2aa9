package io.cellrouter.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The whole configuration of one process, immutable and already checked. While the process runs,
 * only {@code cells}, {@code clientRates} and {@code source} may differ from one to the next.
 *
 * @param cells at least one, ordered by id, ids unique
 */
public record RouterConfig(
    Listeners listeners,
    List<CellConfig> cells,
    Timeouts timeouts,
    Limits limits,
    Set<String> forwardHeaders,
    Probes probes,
    Auth auth,
    Cors cors,
    LogLevel logLevel,
    Tracing tracing,
    CellsSource source,
    ClientRates clientRates,
    Overload overload,
    Optional<String> peersDns,
    KeySource adminKeys) {

  public RouterConfig {
    cells = List.copyOf(cells);
    forwardHeaders = Set.copyOf(forwardHeaders);
  }

  /**
   * Where cells, their policies and the clients' rates come from beside the environment.
   *
   * @param file {@code ROUTER_CONFIG}, followed while the router runs
   * @param version of the file, which may grow only; 0 when it states none
   */
  public record CellsSource(Optional<Path> file, long version) {}

  /**
   * How often each client may ask, over all cells.
   *
   * @param each for a client that is not named
   */
  public record ClientRates(CellPolicy.Rate each, Map<String, CellPolicy.Rate> named) {
    public ClientRates {
      named = Map.copyOf(named);
    }

    public CellPolicy.Rate of(String client) {
      return named.getOrDefault(client, each);
    }
  }

  /**
   * What the router takes on at once, whatever the cells do.
   *
   * @param maxInFlight routed requests; 0: as many as the heap has room for
   * @param refusalDelay how long a refusal for want of room is held back; zero: not at all
   * @param priorityClients clients whose {@code X-Priority} is believed
   */
  public record Overload(int maxInFlight, Duration refusalDelay, Set<String> priorityClients) {
    public Overload {
      priorityClients = Set.copyOf(priorityClients);
    }
  }

  /** Where the two listeners bind; port 0 takes a free one. */
  public record Listeners(String bindAddress, int port, int managementPort) {}

  /**
   * @param request for a routed request in all, from its first byte read to the cell's last
   * @param connect for the connection to a cell to be established
   * @param drainDelay how long a stopping router keeps serving before it closes its listener
   */
  public record Timeouts(Duration request, Duration connect, Duration drainDelay) {}

  /** All in bytes. */
  public record Limits(int maxBody, int maxResponse, int maxHeader) {}

  /** Background probes of the cells. */
  public record Probes(Duration interval, Duration timeout) {}

  /**
   * @param enabled whether {@code /api/route} asks for a key
   * @param source where the keys come from
   */
  public record Auth(boolean enabled, KeySource source) {}

  /**
   * Where keys come from: the one, the other, or nowhere; never both.
   *
   * @param prefix of the settings that name them, {@code API_KEYS} or {@code ADMIN_KEYS}
   */
  public record KeySource(String prefix, Optional<String> inline, Optional<Path> file) {
    public KeySource {
      if (inline.isPresent() && file.isPresent()) {
        throw new IllegalArgumentException("keys come from one place");
      }
    }

    /** No keys at all: with authentication on, the router never becomes ready. */
    public static KeySource none() {
      return new KeySource("API_KEYS", Optional.empty(), Optional.empty());
    }

    /** The JSON text itself, fixed for the life of the process. */
    public static KeySource inline(String json) {
      return new KeySource("API_KEYS", Optional.of(json), Optional.empty());
    }

    /** A file that is read again when it changes. */
    public static KeySource file(Path path) {
      return new KeySource("API_KEYS", Optional.empty(), Optional.of(path));
    }

    /** The same for those who may change the router's state. */
    public KeySource forAdmins() {
      return new KeySource("ADMIN_KEYS", inline, file);
    }

    /**
     * Whether a file that is not there is no problem: that nobody may change anything is no reason
     * not to serve.
     */
    public boolean mayBeMissing() {
      return prefix.equals("ADMIN_KEYS");
    }

    /** The setting that names the source; empty when there is none. */
    public String setting() {
      return file.isPresent() ? prefix + "_FILE" : inline.isPresent() ? prefix + "_JSON" : "";
    }

    @Override
    public String toString() {
      return "KeySource[" + setting() + "]"; // Keys must not reach a log by way of toString.
    }
  }

  /**
   * @param allowedOrigins empty: every origin, without credentials
   */
  public record Cors(Set<String> allowedOrigins) {
    public Cors {
      allowedOrigins = Set.copyOf(allowedOrigins);
    }

    public boolean allowsAny() {
      return allowedOrigins.isEmpty();
    }
  }

  /**
   * @param endpoint the OTLP/HTTP base URL, or empty: trace context is passed on, no span is sent
   * @param sampleRatio share of traces that begin here and are sampled, 0 to 1
   */
  public record Tracing(
      Optional<URI> endpoint,
      String serviceName,
      Map<String, String> resourceAttributes,
      double sampleRatio) {
    public Tracing {
      resourceAttributes = Map.copyOf(resourceAttributes);
    }
  }
}
