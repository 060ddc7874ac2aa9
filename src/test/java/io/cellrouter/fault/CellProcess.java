package io.cellrouter.fault;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code cell} command in a process of its own, which signals can be sent to. */
final class CellProcess implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("demo cell .* on (http://\\S+)");

  private final Process process;
  private final String url;

  private CellProcess(Process process, String url) {
    this.process = process;
    this.url = url;
  }

  static CellProcess start(String id) throws IOException {
    Process process =
        new ProcessBuilder(program("cell", "--id", id, "--port", "0"))
            .redirectErrorStream(true)
            .start();
    BufferedReader output = process.inputReader(); // A line when it listens, then nothing.
    String line = output.readLine();
    Matcher started = STARTED.matcher(line == null ? "" : line);
    if (!started.find()) {
      process.destroyForcibly();
      throw new AssertionError("the cell did not start: " + line);
    }
    return new CellProcess(process, started.group(1));
  }

  /** The program's command line, from the classes under test. */
  static List<String> program(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.cellrouter.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  String url() {
    return url;
  }

  /** Sends a signal by its name, such as STOP. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly(); // KILL ends a stopped process as well.
    process.onExit().join();
  }
}
