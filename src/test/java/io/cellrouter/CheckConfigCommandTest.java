package io.cellrouter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckConfigCommandTest {
  private record Ended(int exit, String out, String err) {}

  @TempDir Path folder;

  private String file(String name, String content) throws Exception {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  private static Ended run(Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        new CheckConfigCommand(
                environment,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8))
            .run(List.of(arguments));
    return new Ended(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void aGoodFileIsDescribed() throws Exception {
    String file =
        file(
            "good.yaml", "version: 7\ncells: {a: {url: \"http://a\"}}\nclients: {acme: {rate: 5}}");

    assertEquals(
        new Ended(
            0, file + " is good: version 7, 1 cells, 1 clients with a rate of their own.\n", ""),
        run(Map.of("API_KEY_ENABLED", "true"), file));
  }

  @Test
  void ratesOfClientsWithoutKeysAreWarnedOf() throws Exception {
    String file =
        file(
            "rates.yaml",
            "cells: {a: {url: \"http://a\", client_rate: 9}}\nclients: {acme: {rate: 5}}");

    Ended ended = run(Map.of("PRIORITY_CLIENTS", "acme", "CLIENT_RATE", "7"), file);

    assertEquals(0, ended.exit, "a warning is no verdict");
    assertEquals(
        """
        CLIENT_RATE or clients: with API_KEY_ENABLED=false all clients are one, anonymous, and share this rate; one of them can use it up for all
        client_rate of cell a: with API_KEY_ENABLED=false all clients are one, anonymous, and share this rate; one of them can use it up for all
        clients: acme: with API_KEY_ENABLED=false nobody is known by name, so this has no effect
        PRIORITY_CLIENTS: with API_KEY_ENABLED=false nobody is known by name, so this has no effect
        """,
        ended.err.replace("cell-router: warning: " + file + ": ", ""));
    Ended alone = run(Map.of("NGINX_1_URL", "http://a", "PRIORITY_CLIENTS", "anonymous"));
    assertTrue(alone.err.contains("everybody's X-Priority is believed"), alone.err);
    assertEquals("", run(Map.of("NGINX_1_URL", "http://a")).err);
  }

  @Test
  void allProblemsOfAllFilesAreTold() throws Exception {
    String bad = file("bad.yaml", "cells:\n  a: {url: \"http://a\", shar: 5}\n  b: {}");
    String gone = folder.resolve("gone.yaml").toString();
    String good = file("good.yaml", "cells: {a: {url: \"http://a\"}}");

    Ended ended = run(Map.of(), bad, gone, good);

    assertEquals(2, ended.exit);
    assertTrue(ended.err.contains(bad + " line 2: unknown member \"shar\""), ended.err);
    assertTrue(ended.err.contains(bad + " line 3: cell \"b\": has no \"url\""), ended.err);
    assertTrue(ended.err.contains("there is no file " + gone), ended.err);
    assertEquals(good + " is good: 1 cells, 0 clients with a rate of their own.\n", ended.out);
  }

  @Test
  void aFileThatARunningRouterRefusesUnreadIsBadHereToo() throws Exception {
    String good = "cells: {a: {url: \"http://a\"}}\n";
    Ended huge = run(Map.of(), file("huge.yaml", good + "#" + "x".repeat(4 * 1_024 * 1_024)));
    Ended blank = run(Map.of(), file("blank.yaml", " \n\n"));

    assertEquals(2, huge.exit);
    assertTrue(huge.err.endsWith("huge.yaml has more than 4194304 bytes\n"), huge.err);
    assertEquals(2, blank.exit);
    assertTrue(blank.err.endsWith("blank.yaml is empty\n"), blank.err);
  }

  @Test
  void theVerdictIsThatOfThisEnvironment() throws Exception {
    String file = file("cells.yaml", "cells: {\"1\": {min_in_flight: 5}}");

    assertEquals(2, run(Map.of(), file).exit, "no url");
    assertEquals(0, run(Map.of("NGINX_1_URL", "http://a"), file).exit);
    assertEquals(2, run(Map.of("NGINX_1_URL", "http://a", "CELL_MAX_IN_FLIGHT", "4"), file).exit);
  }

  @Test
  void aDiffSaysInWordsWhatWouldChange() throws Exception {
    String old = file("old.yaml", "cells: {a: {url: \"http://a\"}, b: {url: \"http://b\"}}");
    String fresh = file("new.yaml", "cells: {a: {url: \"http://a\", max_in_flight: 64}}");

    assertEquals(
        new Ended(
            0,
            """
            cell a: max_in_flight 256 requests -> 64 requests
            cell b: removed (http://b): requests for it will be refused with unknown_cell
            """,
            ""),
        run(Map.of(), "--diff", old, fresh));
    assertEquals(new Ended(0, "Nothing would change.\n", ""), run(Map.of(), "--diff", old, old));
  }

  @Test
  void aDiffWithABadFileIsNone() throws Exception {
    String good = file("good.yaml", "cells: {a: {url: \"http://a\"}}");
    String bad = file("bad.yaml", "cells: [");

    Ended ended = run(Map.of(), "--diff", bad, good);

    assertEquals(2, ended.exit);
    assertEquals("", ended.out);
    assertTrue(ended.err.contains(bad + " line 1: not YAML"), ended.err);
  }

  @Test
  void aWrongUseSaysWhereHelpIs() {
    for (List<String> wrong : List.of(List.of("--diff", "one"), List.of("--dif", "a", "b"))) {
      Ended ended = run(Map.of(), wrong.toArray(String[]::new));
      assertEquals(2, ended.exit);
      assertTrue(ended.err.endsWith("check-config --help says more\n"), ended.err);
    }
    assertTrue(run(Map.of(), "--help").out.contains("--diff OLD NEW"));
  }

  @Test
  void keysOfAdminsAreCheckedToo() {
    Ended ended =
        run(Map.of("NGINX_1_URL", "http://a", "ADMIN_KEYS_JSON", "{", "API_KEYS_JSON", "["));

    assertEquals(2, ended.exit);
    assertTrue(ended.err.contains("cell-router: ADMIN_KEYS_JSON is not valid JSON"), ended.err);
    assertTrue(ended.err.contains("cell-router: API_KEYS_JSON must be a JSON object"), ended.err);
  }
}
