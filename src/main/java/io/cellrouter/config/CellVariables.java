package io.cellrouter.config;

import java.net.URI;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cells' part of the environment: {@code CELL_<NAME>} for all cells, {@code NGINX_<id>_URL},
 * {@code _STATE}, {@code _SHARE} and {@code NGINX_<id>_<NAME>} for one.
 *
 * <p>A name that is none of these is a problem, since a misspelt limit must not be no limit; but
 * not one of those that Kubernetes sets for a Service called {@code nginx-1} or {@code cell-router}
 * (<a
 * href="https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables">
 * service links</a>), and not one like {@code NGINX_VERSION} that names no cell of ours.
 */
final class CellVariables {
  private static final String ALL = "CELL_";
  private static final String ONE = "NGINX_";
  private static final Pattern URL = Pattern.compile("NGINX_(.*)_URL");
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          "(?:CELL|NGINX)_(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?"
              + "|PORT(?:_\\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)");

  private final Environment env;
  private final Map<String, CellDraft> cells;

  private CellVariables(Environment env, Map<String, CellDraft> cells) {
    this.env = env;
    this.cells = cells;
  }

  /** Whether a variable defines a cell. */
  static boolean defineCells(Map<String, String> variables) {
    return variables.entrySet().stream()
        .anyMatch(each -> URL.matcher(each.getKey()).matches() && !each.getValue().isBlank());
  }

  /** What is set for all cells. */
  static CellValues defaults(Environment env) {
    CellValues defaults = new CellValues();
    each(
        env,
        ALL,
        (variable, text) ->
            setting(variable.substring(ALL.length()))
                .ifPresentOrElse(
                    setting -> put(env, variable, setting, text, defaults),
                    () ->
                        env.problem(
                            variable
                                + " is no setting of cells; known after CELL_: "
                                + settings())));
    return defaults;
  }

  /** Adds cells, and overwrites what the file says of them. */
  static void overwrite(Map<String, CellDraft> cells, Environment env) {
    CellVariables variables = new CellVariables(env, cells);
    each(env, ONE, variables::url);
    each(env, ONE, variables::other);
  }

  private interface Reader {
    void read(String variable, String text);
  }

  /** In order of their names, so that problems come in the same order each time. */
  private static void each(Environment env, String prefix, Reader reader) {
    env.variables().entrySet().stream()
        .filter(each -> each.getKey().startsWith(prefix) && !each.getValue().isBlank())
        .filter(each -> !SERVICE_LINK.matcher(each.getKey()).matches())
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> reader.read(each.getKey(), each.getValue().strip()));
  }

  private void url(String variable, String text) {
    Matcher matcher = URL.matcher(variable);
    if (!matcher.matches()) {
      return;
    }
    String id = matcher.group(1);
    if (!CellConfig.isId(id)) {
      env.problem(
          variable + ": the cell id must be 1 to 10 of A-Z a-z 0-9 . _ -, not \"" + id + "\"");
      return;
    }
    if (Environment.list(text).isEmpty()) {
      env.problem(variable + " names no URL");
    }
    List<URI> urls =
        Environment.list(text).stream()
            .flatMap(
                each ->
                    HttpUrl.parse(each)
                        .orTell(problem -> env.problem(variable + " " + problem))
                        .stream())
            .toList();
    cells.computeIfAbsent(id, any -> new CellDraft(id, "nginx-" + id, variable)).urls(urls);
  }

  private void other(String variable, String text) {
    if (URL.matcher(variable).matches()) {
      return;
    }
    List<String> names = names().filter(name -> id(variable, name).isPresent()).toList();
    Optional<String> ofACell =
        names.stream()
            .filter(name -> cells.containsKey(id(variable, name).orElseThrow()))
            .findFirst();
    if (ofACell.isPresent()) {
      String name = ofACell.get();
      member(variable, name, text, cells.get(id(variable, name).orElseThrow()));
    } else if (!names.isEmpty()) {
      String id = id(variable, names.getFirst()).orElseThrow();
      env.problem(
          variable + ": there is no cell \"" + id + "\"; NGINX_" + id + "_URL would define it");
    } else if (cells.keySet().stream().anyMatch(id -> variable.startsWith(ONE + id + "_"))) {
      env.problem(variable + " is no setting of a cell; known: URL, STATE, SHARE, " + settings());
    }
  }

  /** The cell that the variable is for, if this is the name of what it sets. */
  private static Optional<String> id(String variable, String name) {
    int end = variable.length() - name.length() - 1;
    return end > ONE.length() && variable.endsWith("_" + name)
        ? Optional.of(variable.substring(ONE.length(), end))
        : Optional.empty();
  }

  private void member(String variable, String name, String text, CellDraft cell) {
    switch (name) {
      case "STATE" ->
          CellConfig.CellState.parse(text).orTell(told(env, variable, text)).ifPresent(cell::state);
      case "SHARE" ->
          Values.integer(text, 0, 100).orTell(told(env, variable, text)).ifPresent(cell::share);
      default -> put(env, variable, CellSetting.valueOf(name), text, cell.values());
    }
  }

  private static void put(
      Environment env, String variable, CellSetting setting, String text, CellValues values) {
    setting.parse(text, told(env, variable, text)).ifPresent(value -> values.put(setting, value));
  }

  private static Consumer<String> told(Environment env, String variable, String text) {
    return problem -> env.problem(variable + " " + problem + ", not \"" + text + "\"");
  }

  private static Optional<CellSetting> setting(String name) {
    return Arrays.stream(CellSetting.values()).filter(each -> each.name().equals(name)).findFirst();
  }

  /** Longest first: of NGINX_1_CLIENT_RATE the name is CLIENT_RATE, not RATE. */
  private static Stream<String> names() {
    return Stream.concat(
            Stream.of("STATE", "SHARE"), Arrays.stream(CellSetting.values()).map(Enum::name))
        .sorted(Comparator.comparingInt(String::length).reversed());
  }

  private static String settings() {
    return Arrays.stream(CellSetting.values()).map(Enum::name).collect(Collectors.joining(", "));
  }
}
