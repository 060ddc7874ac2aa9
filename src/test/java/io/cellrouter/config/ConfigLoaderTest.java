package io.cellrouter.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  private static final Map<String, String> ONE_CELL = Map.of("NGINX_1_URL", "http://nginx-1:8080");

  @TempDir Path folder;

  @Test
  void oneCellIsEnoughAndTheRestHasDefaults() throws Exception {
    RouterConfig config = ConfigLoader.load(ONE_CELL);

    assertEquals(
        List.of(CellConfig.of("1", "nginx-1", URI.create("http://nginx-1:8080"))), config.cells());
    assertEquals(new RouterConfig.Listeners("0.0.0.0", 8000, 9000), config.listeners());
    assertEquals(Duration.ofSeconds(30), config.timeouts().request());
    assertEquals(RouterConfig.KeySource.none(), config.auth().source());
    assertTrue(config.cors().allowsAny());
  }

  @Test
  void tellsAllProblemsAtOnce() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                ConfigLoader.load(
                    Map.of(
                        "PORT", "http",
                        "REQUEST_TIMEOUT", "0",
                        "LOG_LEVEL", "LOUD",
                        "API_KEY_ENABLED", "perhaps",
                        "NGINX_toolongforanid_URL", "http://x",
                        "NGINX_2_URL", "ftp://nginx-2",
                        "API_KEYS_JSON", "{}",
                        "API_KEYS_FILE", "/keys.json",
                        "FORWARD_HEADERS", "X-Ok, Host",
                        "CORS_ALLOWED_ORIGINS", "https://a.example/")));

    assertEquals(9, e.problems().size(), () -> String.join("\n", e.problems()));
    assertTrue(e.problems().contains("PORT must be a whole number from 0 to 65535, not \"http\""));
    assertTrue(
        e.problems().contains("REQUEST_TIMEOUT must be seconds from 0.05 to 3600, not \"0\""));
  }

  @Test
  void withoutACellItSaysHowToNameOne() {
    ConfigException e = assertThrows(ConfigException.class, () -> ConfigLoader.load(Map.of()));

    assertTrue(e.getMessage().contains("NGINX_1_URL=http://nginx-1:8080"));
  }

  @Test
  void cellsAreInTheOrderOfTheirNumbers() throws Exception {
    Map<String, String> cells = new HashMap<>();
    List.of("10", "2", "eu", "1").forEach(id -> cells.put("NGINX_" + id + "_URL", "http://c"));

    assertEquals(
        List.of("1", "2", "10", "eu"),
        ConfigLoader.load(cells).cells().stream().map(CellConfig::id).toList());
  }

  @Test
  void aVariableOverridesTheUrlInTheFile() throws Exception {
    Path file = folder.resolve("router.yaml");
    Files.writeString(
        file,
        """
        cells:
          "1": {url: "http://from-file:80/base/", name: alpha, state: draining}
          eu-west: {url: "https://eu"}
        """);

    RouterConfig config =
        ConfigLoader.load(
            Map.of("ROUTER_CONFIG", file.toString(), "NGINX_1_URL", "http://from-env:81"));

    assertEquals(
        List.of(
            CellConfig.of("1", "alpha", URI.create("http://from-env:81"))
                .with(CellConfig.CellState.DRAINING, 100),
            CellConfig.of("eu-west", "cell-eu-west", URI.create("https://eu"))),
        config.cells());
  }

  @Test
  void problemsOfTheFileNameTheirLines() throws Exception {
    Path file = folder.resolve("router.yaml");
    Files.writeString(
        file,
        """
        cells:
          "1":
            url: http://a
            limts: 3
          "2":
            name: b
          "3":
            url: nonsense
            state: asleep
        slots: 5
        """);

    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ConfigLoader.load(Map.of("ROUTER_CONFIG", file.toString())));

    String all = String.join("\n", e.problems());
    assertTrue(all.contains("line 4: unknown member \"limts\""), all);
    assertTrue(all.contains("line 5: cell \"2\": has no \"url\""), all);
    assertTrue(
        all.contains(
            "line 9: cell \"3\": state must be one of active, read_only, draining, disabled, not \"asleep\""),
        all);
    assertTrue(all.contains("line 8: cell \"3\": url must begin with http://"), all);
    assertTrue(all.contains("line 10: unknown member \"slots\""), all);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cells: [1, 2                  | not YAML",
        "cells: {a: {url: x}, a: {url: y}} | stands twice",
        "cells:                        | must map cell ids",
        "- 1                           | must be a mapping",
        "''                            | is empty",
        "'# nothing'                   | is missing",
        "'cells: {}'                   | names no cell"
      })
  void aFileThatIsNotOneIsAProblem(String text, String says) throws Exception {
    Path file = folder.resolve("router.yaml");
    Files.writeString(file, text);

    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ConfigLoader.load(Map.of("ROUTER_CONFIG", file.toString())));

    assertTrue(e.getMessage().contains(says), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cells:\n\t\"1\": {url: \"http://a\"}\n | line 2: not YAML: found character '\\t(TAB)'",
        "cells:\n  \"1\":\n    url: \"http://a\n | line 4: not YAML: found unexpected end of stream",
        "cells:\n  a: [1,\n  b: 2\n | line 4: not YAML: expected ',' or ']'",
      })
  void whatIsNotYamlIsToldWithItsLine(String fileAndSaid) throws Exception {
    String[] parts = fileAndSaid.split(" \\| ", -1);
    Path file = folder.resolve("router.yaml");
    Files.writeString(file, parts[0]);

    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ConfigLoader.load(Map.of("ROUTER_CONFIG", file.toString())));

    assertTrue(e.getMessage().contains(parts[1]), e.getMessage());
  }

  @Test
  void aFileThatIsNotThereIsAProblem() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ConfigLoader.load(Map.of("ROUTER_CONFIG", folder + "/none.yaml")));

    assertEquals(List.of("ROUTER_CONFIG: there is no file " + folder + "/none.yaml"), e.problems());
  }

  @Test
  void namesAndIdsThatWouldMixTwoCellsUpAreProblems() throws Exception {
    Path file = folder.resolve("router.yaml");
    Files.writeString(file, "cells: {a: {url: \"http://a\", name: nginx-2}}");

    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                ConfigLoader.load(
                    Map.of(
                        "ROUTER_CONFIG", file.toString(),
                        "NGINX_2_URL", "http://b",
                        "NGINX_unknown_URL", "http://c")));

    assertEquals(2, e.problems().size(), e.getMessage());
    assertTrue(e.getMessage().contains("are both named \"nginx-2\""));
    assertTrue(e.getMessage().contains("NGINX_unknown_URL: the cell id"));
  }

  @Test
  void aForwardedHeaderIsListedOnceHoweverItIsSpelt() throws Exception {
    Map<String, String> env = new HashMap<>(ONE_CELL);
    env.put("FORWARD_HEADERS", "X-A, x-a");

    assertEquals(Set.of("X-A"), ConfigLoader.load(env).forwardHeaders());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection",
        "HTTP2-Settings",
        "Forwarded",
        "VIA",
        "X-Api-Key",
        "x-forwarded-for",
        "X-Request-Timeout",
        "Content-Encoding",
        "Content-Digest",
      })
  void whatIsTheRoutersOrTheHopsIsNotPassedOnFromAClient(String name) {
    Map<String, String> env = new HashMap<>(ONE_CELL);
    env.put("FORWARD_HEADERS", "X-A," + name);

    ConfigException e = assertThrows(ConfigException.class, () -> ConfigLoader.load(env));

    assertEquals(1, e.problems().size());
    assertTrue(e.problems().getFirst().startsWith("FORWARD_HEADERS: " + name + " cannot"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Idempotency-Key", "Server-Timing", "RateLimit-Policy", "X-Forwarded-Proto"})
  void whatMeansSomethingToTheCellAloneMayBePassedOn(String name) throws Exception {
    Map<String, String> env = new HashMap<>(ONE_CELL);
    env.put("FORWARD_HEADERS", name);

    assertEquals(Set.of(name), ConfigLoader.load(env).forwardHeaders());
  }

  @Test
  void keysDoNotShowInThePrintedConfiguration() throws Exception {
    Map<String, String> env = new HashMap<>(ONE_CELL);
    env.put("API_KEYS_JSON", "{\"s3cret-key\":\"alice\"}");

    assertFalse(ConfigLoader.load(env).toString().contains("s3cret"));
  }

  @Test
  void everyDefaultCanBeRead() throws Exception {
    Map<String, String> env = new HashMap<>(ONE_CELL);
    for (Setting setting : Setting.values()) {
      env.put(setting.name(), setting.defaultValue());
    }

    assertEquals(ConfigLoader.load(ONE_CELL), ConfigLoader.load(env));
  }
}
