package io.cellrouter;

import io.cellrouter.config.Advice;
import io.cellrouter.config.ConfigDiff;
import io.cellrouter.config.ConfigException;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.RouterConfig;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code check-config}: what the router would say to a configuration, before it gets it. */
final class CheckConfigCommand {
  private static final String HELP =
      """
      Usage: cell-router check-config
             cell-router check-config FILE...
             cell-router check-config --diff OLD NEW

      Without a file: whether a router could start with this environment, and with the file that
      ROUTER_CONFIG names in it.

      With files: whether each could be the content of ROUTER_CONFIG, in this environment. A router
      that runs gives the same verdict, and keeps what it has when the verdict is bad.

      --diff says in words what a running router would change if OLD became NEW, one line a change.

      All problems are told at once, those of a file with their lines.
      What is allowed but hardly meant is a warning.
      Exit code: 0 when all is good, whether or not anything differs; 2 otherwise.
      """;

  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;

  CheckConfigCommand(Map<String, String> environment, PrintStream out, PrintStream err) {
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  int run(List<String> arguments) {
    if (arguments.contains("--help")) {
      out.print(HELP);
      return 0;
    }
    if (arguments.isEmpty()) {
      return environment();
    }
    boolean diff = arguments.getFirst().equals("--diff");
    List<String> files = diff ? arguments.subList(1, arguments.size()) : arguments;
    Optional<String> option = files.stream().filter(file -> file.startsWith("-")).findFirst();
    if (option.isPresent()) {
      return usage("there is no option " + option.get());
    }
    if (!diff) {
      return files(files);
    }
    return files.size() == 2 ? diff(files.get(0), files.get(1)) : usage("--diff takes two files");
  }

  private int usage(String problem) {
    return complain(List.of("check-config: " + problem + "; check-config --help says more"));
  }

  private int environment() {
    Checked checked = Checked.of(environment);
    if (checked.config().isEmpty()) {
      return complain(checked.problems());
    }
    RouterConfig config = checked.config().get();
    out.println(
        "The configuration is good: "
            + config.cells().size()
            + " cells, request timeout "
            + config.timeouts().request().toMillis()
            + " ms, API keys "
            + (config.auth().enabled() ? "asked for" : "not asked for")
            + ".");
    advise("", config);
    return 0;
  }

  private int files(List<String> files) {
    int exit = 0;
    for (String file : files) {
      Optional<RouterConfig> config = load(file);
      if (config.isEmpty()) {
        exit = Main.EXIT_USAGE;
      }
      config.ifPresent(good -> describe(file, good));
    }
    return exit;
  }

  private void describe(String file, RouterConfig good) {
    long version = good.source().version();
    out.println(
        file
            + " is good: "
            + (version == 0 ? "" : "version " + version + ", ")
            + good.cells().size()
            + " cells, "
            + good.clientRates().named().size()
            + " clients with a rate of their own.");
    advise(file + ": ", good);
  }

  /** Beside the verdict, which it does not change. */
  private void advise(String where, RouterConfig config) {
    Advice.of(config).forEach(sentence -> err.println("cell-router: warning: " + where + sentence));
  }

  private int diff(String old, String fresh) {
    Optional<RouterConfig> before = load(old);
    Optional<RouterConfig> after = load(fresh);
    if (before.isEmpty() || after.isEmpty()) {
      return Main.EXIT_USAGE;
    }
    List<String> lines = ConfigDiff.between(before.get(), after.get());
    out.println(lines.isEmpty() ? "Nothing would change." : String.join("\n", lines));
    return 0;
  }

  private int complain(List<String> sentences) {
    return Main.complain(err, sentences);
  }

  /** What is wrong is told. */
  private Optional<RouterConfig> load(String file) {
    Map<String, String> withFile = new HashMap<>(environment);
    withFile.put("ROUTER_CONFIG", file);
    try {
      return Optional.of(ConfigLoader.load(withFile, ConfigLoader.read(Path.of(file))));
    } catch (ConfigException e) {
      complain(e.problems());
      return Optional.empty();
    }
  }
}
