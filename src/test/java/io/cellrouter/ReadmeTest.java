package io.cellrouter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.CellConfig;
import io.cellrouter.config.CellSetting;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.config.Setting;
import io.cellrouter.support.Eventually;
import io.cellrouter.support.TestRouter;
import io.cellrouter.telemetry.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The README against the code: its examples are run as they stand, its tables compared. With {@code
 * README_WRITE=true} the tables are written instead.
 */
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Pattern EXAMPLE =
      Pattern.compile("```console\n\\$ (.*?)\n(.*?)```", Pattern.DOTALL);

  @TestFactory
  Stream<DynamicTest> everyExampleGivesTheAnswerPrintedThere() throws Exception {
    Matcher matcher = EXAMPLE.matcher(Files.readString(README));
    List<DynamicTest> tests = new ArrayList<>();
    while (matcher.find()) {
      String command = matcher.group(1);
      String printed = matcher.group(2);
      tests.add(DynamicTest.dynamicTest(command, () -> assertEquals(printed, run(command))));
    }
    assertTrue(tests.size() >= 7, "examples found: " + tests.size());
    return tests.stream();
  }

  private static String run(String command) throws Exception {
    try (TestRouter router = TestRouter.start()) {
      Eventually.isTrue(() -> router.http().get("/ready").statusCode() == 200);
      Process shell =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  command
                      .replace("localhost:8080", "localhost:" + router.port())
                      .replace("localhost:9000", "localhost:" + router.managementPort()))
              .redirectErrorStream(true)
              .start();
      String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      shell.waitFor();
      return output.endsWith("\n") ? output : output + "\n";
    }
  }

  /** The java on the PATH may be too old, and build.sh finds the right one. */
  @Test
  void everyCommandIsOneOfBuildSh() throws Exception {
    String usage = Files.readString(Path.of("build.sh"));
    List<Path> pages = new ArrayList<>(List.of(README, Path.of("alert-rules/runbooks/router.md")));
    try (Stream<Path> docs = Files.list(Path.of("docs"))) {
      docs.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    for (Path page : pages) {
      String text = Files.readString(page);
      assertFalse(text.contains("java -jar target/"), page + " takes the java on the PATH");
      Matcher matcher = Pattern.compile("\\./build\\.sh ([a-z][a-z-]*)").matcher(text);
      while (matcher.find()) {
        String command = matcher.group(1);
        assertTrue(
            Pattern.compile("(?m)^  " + command + "  +\\S").matcher(usage).find(),
            page + ": ./build.sh " + command);
      }
    }
  }

  @Test
  void theTableOfSettingsIsTheCodes() throws Exception {
    assertTable(
        "settings",
        "| Variable | Default | Meaning |\n|---|---|---|\n"
            + Stream.of(Setting.values())
                .map(
                    each ->
                        "| `%s` | %s | %s |\n"
                            .formatted(
                                each,
                                each.defaultValue().isEmpty()
                                    ? ""
                                    : "`" + each.defaultValue() + "`",
                                each.meaning()))
                .collect(Collectors.joining()));
  }

  @Test
  void theTableOfCellSettingsIsTheCodes() throws Exception {
    assertTable(
        "cell settings",
        "| Member | Default | Values | Meaning |\n|---|---|---|---|\n"
            + Stream.of(CellSetting.values())
                .map(
                    each ->
                        "| `%s` | %s | %s%s | %s |\n"
                            .formatted(
                                each.key(),
                                each.defaultValue().isEmpty()
                                    ? ""
                                    : "`" + each.defaultValue() + "`",
                                each.range(),
                                each.unit().isEmpty() ? "" : " " + each.unit(),
                                each.meaning()))
                .collect(Collectors.joining()));
  }

  /** The file shown there has every kind of member, so a router must take it. */
  @Test
  void theFileShownIsAGoodOne() throws Exception {
    Matcher matcher =
        Pattern.compile("```yaml\n(version: .*?)```", Pattern.DOTALL)
            .matcher(Files.readString(README));
    assertTrue(matcher.find(), "no YAML example begins with its version");
    RouterConfig config =
        ConfigLoader.load(
            Map.of("ROUTER_CONFIG", "README.md"),
            matcher.group(1).getBytes(StandardCharsets.UTF_8));
    assertEquals(List.of("1", "2"), config.cells().stream().map(CellConfig::id).toList());
  }

  @Test
  void theTableOfReasonsIsTheCodes() throws Exception {
    assertTable(
        "reasons",
        "| Status | `reason` | When |\n|---|---|---|\n"
            + Stream.of(Reason.values())
                .map(
                    each ->
                        "| %d | `%s` | %s |\n"
                            .formatted(each.status(), each.code(), each.meaning()))
                .collect(Collectors.joining()));
  }

  @Test
  void theTableOfMetricsIsWhatIsExported() throws Exception {
    String page;
    try (TestRouter router = TestRouter.start()) {
      page = router.management().get("/metrics").body();
    }
    Map<String, String> labels = new TreeMap<>();
    for (String line : page.lines().toList()) {
      if (line.startsWith("router_")) {
        String name = line.replaceAll("[{ ].*", "").replaceAll("_(bucket|sum|count)$", "");
        String names =
            Pattern.compile("([a-z_]+)=\"")
                .matcher(line)
                .results()
                .map(found -> found.group(1))
                .filter(label -> !label.equals("le"))
                .collect(Collectors.joining(", "));
        labels.merge(name, names, (a, b) -> a.length() >= b.length() ? a : b);
      }
    }
    Map<String, String> help = new TreeMap<>();
    Matcher matcher = Pattern.compile("# HELP (router_\\w+) (.*)").matcher(page);
    while (matcher.find()) {
      help.put(matcher.group(1), matcher.group(2));
    }
    assertEquals(labels.keySet(), help.keySet());
    assertTable(
        "metrics",
        "| Metric | Labels | |\n|---|---|---|\n"
            + help.entrySet().stream()
                .map(
                    each ->
                        "| `%s` | %s | %s |\n"
                            .formatted(each.getKey(), labels.get(each.getKey()), each.getValue()))
                .collect(Collectors.joining()));
  }

  @Test
  void everyFileLinkedExists() throws Exception {
    for (Path page : List.of(README, Path.of("CONTRIBUTING.md"), Path.of("docs/architecture.md"))) {
      Matcher matcher = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(Files.readString(page));
      while (matcher.find()) {
        Path linked = page.toAbsolutePath().getParent().resolve(matcher.group(1));
        assertTrue(Files.exists(linked), page + " links " + matcher.group(1));
      }
    }
  }

  private static void assertTable(String name, String table) throws Exception {
    String begin = "<!-- " + name + " -->\n";
    String end = "<!-- /" + name + " -->";
    String readme = Files.readString(README);
    int from = readme.indexOf(begin) + begin.length();
    int to = readme.indexOf(end);
    if ("true".equals(System.getenv("README_WRITE"))) {
      Files.writeString(README, readme.substring(0, from) + table + readme.substring(to));
      return;
    }
    assertEquals(table, readme.substring(from, to));
  }
}
