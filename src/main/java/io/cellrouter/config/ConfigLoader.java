package io.cellrouter.config;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** From the environment (and the file it names) to a {@link RouterConfig}. */
public final class ConfigLoader {
  /** Nobody writes this much by hand, and a heap is finite. */
  private static final int MOST_BYTES = 4 * 1_024 * 1_024;

  private ConfigLoader() {}

  /**
   * Reads the configuration, and the file that it names.
   *
   * @param variables the environment
   * @throws ConfigException with every problem found
   */
  public static RouterConfig load(Map<String, String> variables) throws ConfigException {
    Environment env = new Environment(variables);
    Optional<byte[]> content = Optional.empty();
    Optional<Path> file = file(env);
    if (file.isPresent()) {
      try {
        content = Optional.of(read(file.get()));
      } catch (ConfigException e) {
        e.problems().forEach(env::problem);
      }
    }
    return load(env, content);
  }

  /**
   * Reads the configuration as if the file that it names had this content: whoever compares the
   * content to follow the file is told about exactly what was compared.
   *
   * @param variables the environment
   * @throws ConfigException with every problem found
   */
  public static RouterConfig load(Map<String, String> variables, byte[] content)
      throws ConfigException {
    return load(new Environment(variables), Optional.of(content));
  }

  /**
   * The content of {@code ROUTER_CONFIG}, for everybody who reads it: a start, {@code check-config}
   * and the router that follows it have to say the same.
   *
   * @throws ConfigException when the file is not there, cannot be read, or is too large
   */
  public static byte[] read(Path file) throws ConfigException {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new ConfigException(
            List.of("ROUTER_CONFIG: " + file + " has more than " + MOST_BYTES + " bytes"));
      }
      byte[] content = Files.readAllBytes(file);
      if (new String(content, StandardCharsets.UTF_8).isBlank()) {
        throw new ConfigException(List.of("ROUTER_CONFIG: " + file + " is empty"));
      }
      return content;
    } catch (NoSuchFileException e) {
      throw new ConfigException(List.of("ROUTER_CONFIG: there is no file " + file));
    } catch (IOException e) {
      throw new ConfigException(List.of("ROUTER_CONFIG: " + file + " cannot be read: " + e));
    }
  }

  /**
   * @param content of the file that the environment names; nothing: it could not be read, or there
   *     is none
   */
  private static RouterConfig load(Environment env, Optional<byte[]> content)
      throws ConfigException {
    Optional<Path> file = file(env);
    CellsFile.Content inFile =
        file.isPresent() && content.isPresent()
            ? parse(file.get(), content.get(), env)
            : CellsFile.Content.none();
    RouterConfig config =
        new RouterConfig(
            listeners(env),
            cells(env, inFile),
            timeouts(env),
            limits(env),
            ForwardHeaders.read(env),
            probes(env),
            auth(env),
            cors(env),
            env.oneOf(Setting.LOG_LEVEL, LogLevel.class),
            tracing(env),
            new RouterConfig.CellsSource(file, inFile.version()),
            new RouterConfig.ClientRates(clientRate(env), inFile.clients()),
            new RouterConfig.Overload(
                env.integer(Setting.ROUTER_MAX_IN_FLIGHT, 0, 1_000_000),
                Duration.ofMillis(env.integer(Setting.REFUSAL_DELAY, 0, 5_000)),
                Set.copyOf(env.list(Setting.PRIORITY_CLIENTS))),
            Optional.of(env.text(Setting.PEERS_DNS)).filter(name -> !name.isEmpty()),
            keySource(env, Setting.ADMIN_KEYS_JSON, Setting.ADMIN_KEYS_FILE).forAdmins());
    if (!env.problems().isEmpty()) {
      throw new ConfigException(inOrder(file, env.problems()));
    }
    return config;
  }

  private static CellsFile.Content parse(Path file, byte[] content, Environment env) {
    try {
      return CellsFile.parse(file, content, env::problem);
    } catch (RuntimeException | StackOverflowError e) {
      // Of the parser, which nobody expects: a problem of this file all the same.
      env.problem("ROUTER_CONFIG: " + file + " cannot be judged: " + e);
      return CellsFile.Content.none();
    }
  }

  /** Those of the file as its lines come, whatever they were found by; the others before them. */
  private static List<String> inOrder(Optional<Path> file, List<String> problems) {
    String place = file.map(path -> path + " line ").orElse("");
    return problems.stream().sorted(Comparator.comparingInt(each -> line(place, each))).toList();
  }

  private static int line(String place, String problem) {
    if (place.isEmpty() || !problem.startsWith(place)) {
      return 0;
    }
    int end = problem.indexOf(':', place.length());
    return Values.integer(problem.substring(place.length(), end), 0, Integer.MAX_VALUE)
        .orTell(unreadable -> {})
        .orElse(0);
  }

  /** Whether the environment or a file it names defines a cell. */
  public static boolean definesCells(Map<String, String> variables) {
    return !new Environment(variables).text(Setting.ROUTER_CONFIG).isEmpty()
        || CellVariables.defineCells(variables);
  }

  /** Where the listeners are; what cannot be read counts as its default. For the health check. */
  public static RouterConfig.Listeners listeners(Map<String, String> variables) {
    return listeners(new Environment(variables));
  }

  private static RouterConfig.Listeners listeners(Environment env) {
    int port = env.integer(Setting.PORT, 0, 65_535);
    int management = env.integer(Setting.MANAGEMENT_PORT, 0, 65_535);
    if (port == management && port != 0) {
      env.problem("PORT and MANAGEMENT_PORT are both " + port + "; they must differ");
    }
    return new RouterConfig.Listeners(env.text(Setting.BIND_ADDRESS), port, management);
  }

  private static List<CellConfig> cells(Environment env, CellsFile.Content inFile) {
    CellValues defaults = CellVariables.defaults(env);
    defaults.putAll(inFile.defaults());
    Map<String, CellDraft> drafts = new TreeMap<>(CELL_ORDER);
    drafts.putAll(inFile.cells());
    CellVariables.overwrite(drafts, env);
    List<CellConfig> cells = new ArrayList<>();
    for (CellDraft draft : drafts.values()) {
      draft.finish(defaults, env::problem).ifPresent(cells::add);
    }
    Map<String, String> idByName = new HashMap<>();
    for (CellConfig cell : cells) {
      String other = idByName.put(cell.name(), cell.id());
      if (other != null) {
        env.problem(
            "cells " + other + " and " + cell.id() + " are both named \"" + cell.name() + "\"");
      }
    }
    if (cells.isEmpty() && env.problems().isEmpty()) {
      env.problem(
          "no cell is configured: set NGINX_<id>_URL, for example"
              + " NGINX_1_URL=http://nginx-1:8080, or name a file in ROUTER_CONFIG");
    }
    return cells;
  }

  /** Numbers by value, then names: 1, 2, 10, eu. */
  static final Comparator<String> CELL_ORDER =
      Comparator.comparingInt(
              (String id) -> id.chars().allMatch(Character::isDigit) ? id.length() : 99)
          .thenComparing(Comparator.naturalOrder());

  private static RouterConfig.Timeouts timeouts(Environment env) {
    return new RouterConfig.Timeouts(
        env.seconds(Setting.REQUEST_TIMEOUT, 0.05, 3_600),
        env.seconds(Setting.CONNECT_TIMEOUT, 0.01, 60),
        env.seconds(Setting.DRAIN_DELAY, 0, 600));
  }

  private static RouterConfig.Limits limits(Environment env) {
    return new RouterConfig.Limits(
        env.integer(Setting.MAX_BODY_BYTES, 64, 64 * 1024 * 1024),
        env.integer(Setting.MAX_RESPONSE_BYTES, 64, 64 * 1024 * 1024),
        env.integer(Setting.MAX_HEADER_BYTES, 512, 28 * 1024));
  }

  private static RouterConfig.Probes probes(Environment env) {
    return new RouterConfig.Probes(
        env.seconds(Setting.PROBE_INTERVAL, 0.05, 300),
        env.seconds(Setting.PROBE_TIMEOUT, 0.01, 60));
  }

  /** Where keys come from, whatever else is wrong; without those of which that is unclear. */
  public static List<RouterConfig.KeySource> keySources(Map<String, String> variables) {
    return Stream.concat(
            clear(variables, Setting.API_KEYS_JSON, Setting.API_KEYS_FILE),
            clear(variables, Setting.ADMIN_KEYS_JSON, Setting.ADMIN_KEYS_FILE)
                .map(RouterConfig.KeySource::forAdmins))
        .toList();
  }

  private static Stream<RouterConfig.KeySource> clear(
      Map<String, String> variables, Setting inline, Setting path) {
    Environment env = new Environment(variables);
    RouterConfig.KeySource source = keySource(env, inline, path);
    return env.problems().isEmpty() ? Stream.of(source) : Stream.empty();
  }

  private static RouterConfig.Auth auth(Environment env) {
    return new RouterConfig.Auth(
        env.bool(Setting.API_KEY_ENABLED),
        keySource(env, Setting.API_KEYS_JSON, Setting.API_KEYS_FILE));
  }

  private static RouterConfig.KeySource keySource(Environment env, Setting inline, Setting path) {
    String json = env.text(inline);
    String file = env.text(path);
    if (!json.isEmpty() && !file.isEmpty()) {
      env.problem(inline + " and " + path + " are both set; keep one of them");
    }
    if (!file.isEmpty()) {
      return RouterConfig.KeySource.file(Path.of(file));
    }
    return json.isEmpty() ? RouterConfig.KeySource.none() : RouterConfig.KeySource.inline(json);
  }

  private static Optional<Path> file(Environment env) {
    return Optional.of(env.text(Setting.ROUTER_CONFIG))
        .filter(name -> !name.isEmpty())
        .map(Path::of);
  }

  private static CellPolicy.Rate clientRate(Environment env) {
    return Values.rate(
        env.numberOrZero(Setting.CLIENT_RATE, 0.001, 1e6),
        env.numberOrZero(Setting.CLIENT_BURST, 1, 1e7));
  }

  private static RouterConfig.Cors cors(Environment env) {
    List<String> origins = env.list(Setting.CORS_ALLOWED_ORIGINS);
    if (origins.contains("*")) {
      if (origins.size() > 1) {
        env.problem("CORS_ALLOWED_ORIGINS: * stands alone or not at all");
      }
      return new RouterConfig.Cors(Set.of());
    }
    for (String origin : origins) {
      if (!origin.matches("https?://[A-Za-z0-9.\\[\\]:-]+")) {
        env.problem(
            "CORS_ALLOWED_ORIGINS: \""
                + origin
                + "\" is not an origin such as https://app.example.com (no path, no final slash)");
      }
    }
    return new RouterConfig.Cors(new LinkedHashSet<>(origins));
  }

  private static RouterConfig.Tracing tracing(Environment env) {
    Optional<URI> endpoint = Optional.empty();
    String text = env.text(Setting.OTEL_EXPORTER_OTLP_ENDPOINT);
    if (!text.isEmpty() && !env.bool(Setting.OTEL_SDK_DISABLED)) {
      endpoint =
          HttpUrl.parse(text)
              .orTell(problem -> env.problem(Setting.OTEL_EXPORTER_OTLP_ENDPOINT + " " + problem));
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String pair : env.list(Setting.OTEL_RESOURCE_ATTRIBUTES)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        env.problem("OTEL_RESOURCE_ATTRIBUTES: \"" + pair + "\" is not key=value");
      } else {
        attributes.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
      }
    }
    return new RouterConfig.Tracing(
        endpoint,
        env.text(Setting.OTEL_SERVICE_NAME),
        attributes,
        env.ratio(Setting.OTEL_TRACES_SAMPLER_ARG));
  }
}
