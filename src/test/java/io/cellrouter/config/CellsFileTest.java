package io.cellrouter.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellsFileTest {
  private static RouterConfig load(Map<String, String> environment, String content)
      throws ConfigException {
    Map<String, String> withFile = new java.util.HashMap<>(environment);
    withFile.put("ROUTER_CONFIG", "cells.yaml");
    return ConfigLoader.load(withFile, content.getBytes(StandardCharsets.UTF_8));
  }

  private static RouterConfig load(String content) throws ConfigException {
    return load(Map.of(), content);
  }

  private static List<String> problems(String content) {
    return assertThrows(ConfigException.class, () -> load(content)).problems();
  }

  @Test
  void everythingThatCanBeSaidIsTaken() throws Exception {
    RouterConfig config =
        load(
            """
            version: 7
            defaults:
              max_in_flight: 128
              breaker_failure_statuses: 500-599
            cells:
              "1":
                urls: ["http://a:8080", "http://b:8080/base/"]
                name: nginx-1
                state: read_only
                share: 42
                max_in_flight: 64
                max_wait: 0.25
              2: {url: "http://c"}
            clients:
              acme: {rate: 100, burst: 200}
              slow@shop:
                rate: 0.5
            """);

    assertEquals(7, config.source().version());
    CellConfig first = config.cells().getFirst();
    assertEquals(
        List.of(URI.create("http://a:8080"), URI.create("http://b:8080/base")), first.urls());
    assertEquals(CellConfig.CellState.READ_ONLY, first.state());
    assertEquals(42, first.share());
    assertEquals(
        new CellPolicy.Bulkhead(64, Duration.ofMillis(250), false, 4), first.policy().bulkhead());
    assertEquals(new CellPolicy.StatusRange(500, 599), first.policy().breaker().failureStatuses());
    assertEquals(128, config.cells().get(1).policy().bulkhead().most());
    assertEquals(100, config.cells().get(1).share());
    assertEquals(new CellPolicy.Rate(100, 200), config.clientRates().of("acme"));
    assertEquals(new CellPolicy.Rate(0.5, 1), config.clientRates().of("slow@shop"));
    assertEquals(CellPolicy.Rate.UNLIMITED, config.clientRates().of("any other"));
  }

  @Test
  void aLaterPlaceWins() throws Exception {
    String file =
        """
        defaults: {max_in_flight: 3%s}
        cells:
          "1": {url: "http://a", max_in_flight: 4}
          "2": {url: "http://b"}
        """;
    Map<String, String> environment =
        Map.of("CELL_MAX_IN_FLIGHT", "2", "CELL_MAX_WAIT", "1", "CELL_EJECT", "9");

    CellPolicy first = load(environment, file.formatted("")).cells().getFirst().policy();
    assertEquals(4, first.bulkhead().most());
    assertEquals(Duration.ofSeconds(1), first.bulkhead().maxWait());
    CellPolicy second = load(environment, file.formatted(", eject: 8")).cells().get(1).policy();
    assertEquals(3, second.bulkhead().most());
    assertEquals(Duration.ofSeconds(8), second.ejection().first());
    Map<String, String> more = new java.util.HashMap<>(environment);
    more.put("NGINX_1_MAX_IN_FLIGHT", "5");
    more.put("NGINX_1_SHARE", "7");
    more.put("NGINX_2_STATE", "draining");
    List<CellConfig> cells = load(more, file.formatted("")).cells();
    assertEquals(5, cells.getFirst().policy().bulkhead().most());
    assertEquals(7, cells.getFirst().share());
    assertEquals(CellConfig.CellState.DRAINING, cells.get(1).state());
  }

  @Test
  void theEnvironmentMayGiveTheUrlOfACellInTheFile() throws Exception {
    CellConfig cell =
        load(Map.of("NGINX_1_URL", "http://a, http://b"), "cells: {\"1\": {name: one, share: 5}}")
            .cells()
            .getFirst();

    assertEquals(List.of(URI.create("http://a"), URI.create("http://b")), cell.urls());
    assertEquals("one", cell.name());
    assertEquals(5, cell.share());
  }

  @Test
  void allProblemsAreToldAtOnceWithTheirLines() {
    assertEquals(
        List.of(
            "cells.yaml line 1: version must be a whole number from 1, not \"x\"",
            "cells.yaml line 3: max_in_flight must be a whole number from 1 to 100000, not \"0\"",
            "cells.yaml line 4: unknown member \"max_wiat\"; known: " + settings(),
            "cells.yaml line 6: cell \"1\": keep \"url\" or \"urls\", not both",
            "cells.yaml line 8: cell \"1\": url must begin with http:// or https://, not"
                + " \"ftp://b\"",
            "cells.yaml line 9: cell \"1\": share must be a whole number from 0 to 100, not \"101\"",
            "cells.yaml line 10: cell \"1\": breaker_failure_statuses must be a status or a range"
                + " such as 502-504, within 500-599, not \"400-599\"",
            "cells.yaml line 11: \"retry_attempts\" must be a plain value",
            "cells.yaml line 12: cell \"2\": min_in_flight (9 requests) must not be more than"
                + " max_in_flight (5 requests)",
            "cells.yaml line 14: \"url\" stands twice",
            "cells.yaml line 15: cell \"3\": its URLs must all be http or all be https",
            "cells.yaml line 15: cell \"3\": one of its URLs stands twice",
            "cells.yaml line 16: cell \"3\": name \"no name\" must be 1 to 63 of A-Z a-z 0-9 . _ -",
            "cells.yaml line 17: cell id \"toolongforanid\" must be 1 to 10 of A-Z a-z 0-9 . _ -"
                + " characters",
            "cells.yaml line 19: client \"a b\" must be 1 to 64 of A-Z a-z 0-9 . _ @ : -"
                + " characters",
            "cells.yaml line 20: client \"acme\": has no \"rate\"",
            "cells.yaml line 22: unknown member \"brust\"; known: rate, burst",
            "cells.yaml line 23: client \"beta\": rate must be 0 or a number from 0.001 to 1000000,"
                + " not \"-1\"",
            "cells.yaml line 24: unknown member \"slots\"; known: version, defaults, cells, clients"),
        problems(
            """
            version: x
            defaults:
              max_in_flight: 0
              max_wiat: 3
            cells:
              "1":
                url: http://a
                urls: ["ftp://b"]
                share: 101
                breaker_failure_statuses: 400-599
                retry_attempts: [1]
              "2":
                {url: "http://a", min_in_flight: 9, max_in_flight: 5,
                 url: "http://b"}
              "3":
                {name: no name, urls: ["http://a", "https://a", "http://a"]}
              toolongforanid: {url: "http://d"}
            clients:
              a b: {rate: 1}
              acme:
                burst: 3
                brust: 3
              beta: {rate: -1}
            slots: 5
            """));
  }

  private static String settings() {
    return String.join(
        ", ", java.util.Arrays.stream(CellSetting.values()).map(CellSetting::key).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "min_in_flight | 10 | max_in_flight    | 9",
        "breaker_open  | 7  | breaker_open_max | 6.5",
        "eject         | 40 | eject_max        | 39"
      })
  void twoThatContradictEachOtherAreAProblemAndADefaultYields(
      String less, String low, String more, String high) throws Exception {
    String both = "cells: {a: {url: \"http://a\", %s: %s, %s: %s}}";
    String one = "cells: {a: {url: \"http://a\", %s: %s}}";

    assertEquals(1, problems(both.formatted(less, low, more, high)).size());
    load(both.formatted(less, high, more, low));
    load(both.formatted(less, high, more, high));

    CellSetting lower = CellSetting.valueOf(less.toUpperCase(java.util.Locale.ROOT));
    CellSetting upper = CellSetting.valueOf(more.toUpperCase(java.util.Locale.ROOT));
    CellPolicy small = load(one.formatted(more, "2")).cells().getFirst().policy();
    assertEquals(lower.of(small), upper.of(small), less + " yields to " + more);
    CellPolicy large = load(one.formatted(less, "3600")).cells().getFirst().policy();
    assertEquals(lower.of(large), upper.of(large), more + " yields to " + less);
  }

  @Test
  void theContradictionMayComeFromTwoPlaces() {
    List<String> problems =
        assertThrows(
                ConfigException.class,
                () ->
                    load(
                        Map.of("NGINX_1_MAX_IN_FLIGHT", "2"),
                        "defaults: {min_in_flight: 3}\ncells:\n  \"1\":\n    url: http://a"))
            .problems();

    assertEquals(
        List.of(
            "cells.yaml line 3: cell \"1\": min_in_flight (3 requests) must not be more than"
                + " max_in_flight (2 requests)"),
        problems);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'cells: {a: &a {url: \"http://a\"}, b: *a}' | line 1: aliases (*a) are not understood",
        "'cells: {a: {url: \"http://a\"}}\n---\ncells: {}' | a second document or value begins",
        "'cells: {a: }'                 | cell \"a\": has no \"url\"",
        "'cells: {a: 5}'                | line 1: \"cell a\" must be a mapping",
        "'cells: {a: {url: }}'          | url must begin with http",
        "'cells: {a: {urls: []}}'       | \"urls\" must list URLs",
        "'cells: {a: {urls: \"http://a\"}}' | \"urls\" must list URLs",
        "'cells: {a: {urls: [[\"http://a\"]]}}' | each of \"urls\" must be a plain value",
        "'cells: {a: {url: \"http://a\", share: 0.5}}' | share must be a whole number",
        "'cells: {a: {url: \"http://a\", max_wait: }}' | max_wait must be seconds from 0 to 5, not \"\"",
        "'cells: {a: {url: \"http://a\", rate: 1e-9}}' | rate must be 0 or a number from 0.001",
        "'cells: {a: {url: \"http://a\", rate: NaN}}'  | rate must be 0 or a number from 0.001",
        "'version: 0\ncells: {a: {url: \"http://a\"}}' | version must be a whole number from 1",
        "'version: 7\n'                 | the member \"cells\" is missing"
      })
  void aFileThatCouldBeMisreadIsRefused(String content, String says) {
    String all = String.join("\n", problems(content));
    assertEquals(true, all.contains(says), all);
  }

  @Test
  void bytesThatAreNotTextAreRefused() {
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () ->
                ConfigLoader.load(
                    Map.of("ROUTER_CONFIG", "cells.yaml"), new byte[] {'a', (byte) 0xff}));

    assertEquals(List.of("ROUTER_CONFIG: cells.yaml is not UTF-8"), e.problems());
  }

  @Test
  void aMemberOfWhichAllIsCommentedOutIsAsIfItWereNotThere() throws Exception {
    String cells = "cells: {a: {url: \"http://a\"}}\n";

    assertEquals(
        load(cells), load(cells + "defaults:\n  # max_in_flight: 1\nclients:\n  # acme: {}\n"));
  }
}
