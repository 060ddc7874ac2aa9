package io.cellrouter.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From the environment (and the file it names) to a {@link RouterConfig}. */
public final class ConfigLoader {
  private static final Pattern CELL_URL = Pattern.compile("NGINX_(.*)_URL");
  private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /**
   * What the router itself sets towards a cell, and what belongs to one connection only (RFC 9110
   * §7.6.1); a client's value for one of these must never get through.
   */
  private static final Set<String> NEVER_FORWARDED =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "expect",
          "host",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "x-api-key",
          "authorization",
          "x-cell-id",
          "x-client-id",
          "x-forwarded-for",
          "x-original-uri",
          "x-request-id",
          "traceparent",
          "tracestate",
          "accept-encoding",
          "user-agent");

  private ConfigLoader() {}

  /**
   * Reads the configuration.
   *
   * @param variables the environment
   * @throws ConfigException with every problem found
   */
  public static RouterConfig load(Map<String, String> variables) throws ConfigException {
    Environment env = new Environment(variables);
    RouterConfig config =
        new RouterConfig(
            listeners(env),
            cells(env),
            timeouts(env),
            limits(env),
            forwardHeaders(env),
            probes(env),
            auth(env),
            cors(env),
            env.oneOf(Setting.LOG_LEVEL, LogLevel.class),
            tracing(env),
            new RouterConfig.CellsSource(file(env), 0),
            new RouterConfig.ClientRates(clientRate(env), Map.of()),
            new RouterConfig.Overload(
                env.integer(Setting.ROUTER_MAX_IN_FLIGHT, 0, 1_000_000),
                Set.copyOf(env.list(Setting.PRIORITY_CLIENTS))),
            Optional.of(env.text(Setting.PEERS_DNS)).filter(name -> !name.isEmpty()),
            keySource(env, Setting.ADMIN_KEYS_JSON, Setting.ADMIN_KEYS_FILE));
    if (!env.problems().isEmpty()) {
      throw new ConfigException(env.problems());
    }
    return config;
  }

  /** Whether the environment or a file it names defines a cell. */
  public static boolean definesCells(Map<String, String> variables) {
    return !new Environment(variables).text(Setting.ROUTER_CONFIG).isEmpty()
        || variables.entrySet().stream()
            .anyMatch(
                variable ->
                    CELL_URL.matcher(variable.getKey()).matches()
                        && !variable.getValue().isBlank());
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

  private static List<CellConfig> cells(Environment env) {
    Map<String, CellConfig> cells = new TreeMap<>(CELL_ORDER);
    String file = env.text(Setting.ROUTER_CONFIG);
    if (!file.isEmpty()) {
      CellsFile.read(Path.of(file), env::problem).forEach(cell -> cells.put(cell.id(), cell));
    }
    env.variables().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(variable -> cellFromVariable(env, variable.getKey(), variable.getValue(), cells));
    Map<String, String> idByName = new HashMap<>();
    for (CellConfig cell : cells.values()) {
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
    return List.copyOf(cells.values());
  }

  /** Numbers by value, then names: 1, 2, 10, eu. */
  private static final Comparator<String> CELL_ORDER =
      Comparator.comparingInt(
              (String id) -> id.chars().allMatch(Character::isDigit) ? id.length() : 99)
          .thenComparing(Comparator.naturalOrder());

  private static void cellFromVariable(
      Environment env, String name, String value, Map<String, CellConfig> cells) {
    Matcher matcher = CELL_URL.matcher(name);
    if (!matcher.matches() || value.isBlank()) {
      return;
    }
    String id = matcher.group(1);
    if (!CellConfig.isId(id)) {
      env.problem(name + ": the cell id must be 1 to 10 of A-Z a-z 0-9 . _ -, not \"" + id + "\"");
      return;
    }
    HttpUrl.parse(value)
        .orTell(problem -> env.problem(name + " " + problem))
        .ifPresent(
            url ->
                cells.merge(
                    id,
                    CellConfig.of(id, "nginx-" + id, url),
                    (fromFile, ours) ->
                        new CellConfig(
                            id,
                            fromFile.name(),
                            List.of(url),
                            fromFile.state(),
                            fromFile.share(),
                            fromFile.policy())));
  }

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

  private static Set<String> forwardHeaders(Environment env) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : env.list(Setting.FORWARD_HEADERS)) {
      if (!HEADER_NAME.matcher(name).matches()) {
        env.problem("FORWARD_HEADERS: \"" + name + "\" is not a header name");
      } else if (NEVER_FORWARDED.contains(name.toLowerCase(Locale.ROOT))) {
        env.problem("FORWARD_HEADERS: " + name + " is set by the router and cannot be passed on");
      } else {
        names.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
      }
    }
    return new LinkedHashSet<>(names.values());
  }

  private static RouterConfig.Probes probes(Environment env) {
    return new RouterConfig.Probes(
        env.seconds(Setting.PROBE_INTERVAL, 0.05, 300),
        env.seconds(Setting.PROBE_TIMEOUT, 0.01, 60));
  }

  /** Where the keys come from, whatever else is wrong; nowhere when that itself is unclear. */
  public static RouterConfig.KeySource keySource(Map<String, String> variables) {
    Environment env = new Environment(variables);
    RouterConfig.KeySource source = auth(env).source();
    return env.problems().isEmpty() ? source : RouterConfig.KeySource.none();
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
    double rate = env.number(Setting.CLIENT_RATE, 0, 1e6);
    double burst = env.number(Setting.CLIENT_BURST, 0, 1e7);
    return rate == 0
        ? CellPolicy.Rate.UNLIMITED
        : new CellPolicy.Rate(rate, burst == 0 ? Math.max(1, rate) : Math.max(1, burst));
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
