package io.cellrouter;

import io.cellrouter.auth.KeyParser;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.RouterConfig;
import io.cellrouter.edge.Listener;
import io.cellrouter.lifecycle.RouterService;
import io.cellrouter.lifecycle.Signals;
import io.cellrouter.telemetry.BuildInfo;
import io.cellrouter.telemetry.JdkLoggerFinder;
import io.cellrouter.telemetry.Log;
import io.cellrouter.telemetry.LogWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Composition root: picks the command and runs it. */
public final class Main {
  /** The configuration, the flags or the arguments are wrong; nothing was started. */
  static final int EXIT_USAGE = 2;

  private static final String HELP =
      """
      cell router: forwards each request to the cell it is for, and to no other.

      Usage: cell-router [COMMAND] [OPTIONS]

        serve (default)       run the router, configured by environment variables
        demo                  run the router on port 8080 with three demo cells
        cell                  run one demo cell; cell --help lists its faults
        check-config [FILE]   say whether the configuration can be used; check-config --help
                              lists more, as what a changed file would change
        healthcheck           ask the router on MANAGEMENT_PORT whether it lives; exit 0 or 1
        traffic URL           send mixed traffic to a router; traffic --help lists more
        version               print the version
        help                  print this

      The README explains every variable; check-config names all that is wrong at once.
      """;

  private Main() {}

  /** Runs the command named first; without one, serves. */
  public static void main(String[] args) throws InterruptedException {
    String command = args.length == 0 ? "serve" : args[0];
    List<String> rest = args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
    System.exit(run(command, rest, System.getenv()));
  }

  private static int run(String command, List<String> arguments, Map<String, String> environment)
      throws InterruptedException {
    return switch (command) {
      case "serve" -> serve(environment);
      case "demo" -> DemoCommand.run(environment);
      case "cell" -> CellCommand.run(arguments);
      case "check-config" ->
          new CheckConfigCommand(environment, System.out, System.err).run(arguments);
      case "healthcheck" -> HealthcheckCommand.run(environment);
      case "traffic" -> TrafficCommand.run(arguments, environment);
      case "version", "--version" -> {
        System.out.println(BuildInfo.load().version());
        yield 0;
      }
      case "help", "--help", "-h" -> {
        System.out.print(HELP);
        yield 0;
      }
      default -> complain("unknown command \"" + command + "\"; help lists them");
    };
  }

  /** Serves until a signal asks for a stop. */
  static int serve(Map<String, String> environment) throws InterruptedException {
    Checked checked = Checked.of(environment);
    if (checked.config().isEmpty()) {
      return complain(checked.problems());
    }
    RouterConfig config = checked.config().get();
    Signals signals = Signals.install();
    try (LogWriter writer = new LogWriter(new FileOutputStream(FileDescriptor.out))) {
      Log log = new Log(config.logLevel(), Clock.systemUTC(), writer);
      JdkLoggerFinder.install(log);
      Thread.setDefaultUncaughtExceptionHandler(
          (thread, error) -> log.error("uncaught in thread " + thread.getName(), error));
      RouterService service =
          RouterService.start(
              config, content -> ConfigLoader.load(environment, content), log, writer::dropped);
      signals.awaitStop();
      service.drain();
      return 0;
    } catch (Listener.CannotListenException e) {
      return complain(e.getMessage());
    } catch (KeyParser.BadKeysException e) {
      return complain(config.auth().source().setting() + " " + e.getMessage());
    }
  }

  static int complain(String sentence) {
    return complain(List.of(sentence));
  }

  private static int complain(List<String> sentences) {
    return complain(System.err, sentences);
  }

  static int complain(PrintStream err, List<String> sentences) {
    sentences.forEach(sentence -> err.println("cell-router: " + sentence));
    return EXIT_USAGE;
  }
}
