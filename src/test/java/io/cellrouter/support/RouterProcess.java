package io.cellrouter.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The real program in a process of its own, for what one JVM cannot show: flags the JDK reads once,
 * exit codes, and its own share of file descriptors.
 */
public final class RouterProcess implements AutoCloseable {
  private static final Pattern LISTENING =
      Pattern.compile("listening on port (\\d+), management on port (\\d+)");

  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();

  /** The two ways users start the program: the jar on a JDK, and the delivered runtime. */
  public static final Map<String, List<String>> PACKAGED =
      Map.of(
          "jar",
          List.of(JAVA, "@jlink/edge.options", "-jar", "target/cell-router.jar"),
          "runtime",
          List.of("target/runtime/bin/router"));

  private final Process process;
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Thread reader;
  private int port;
  private int managementPort;

  private RouterProcess(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /** How a process ended that was not meant to stay. */
  public record Ended(int exitCode, String output, String errors) {}

  /**
   * Starts {@code serve} on free ports with {@code jlink/edge.options} and waits until it listens.
   *
   * @param environment all the settings the router sees; the test's own are kept from it
   * @param javaOptions stand behind the file, so {@code -D} overrides what is in it
   */
  public static RouterProcess start(Map<String, String> environment, String... javaOptions)
      throws IOException {
    return startInside(List.of(), environment, javaOptions);
  }

  /**
   * The same by way of a command that becomes the router, such as {@code nice}.
   *
   * @param wrapper its words; the router's follow
   */
  public static RouterProcess startInside(
      List<String> wrapper, Map<String, String> environment, String... javaOptions)
      throws IOException {
    List<String> options = new ArrayList<>();
    options.add("@" + Path.of("jlink", "edge.options").toAbsolutePath());
    options.addAll(List.of(javaOptions));
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(ourClasses(options));
    return await(builder(environment, command));
  }

  /** Starts a whole command, such as one of {@link #PACKAGED}, and waits until it listens. */
  public static RouterProcess startCommand(List<String> command, Map<String, String> environment)
      throws IOException {
    return await(builder(environment, command));
  }

  private static RouterProcess await(ProcessBuilder builder) throws IOException {
    builder.redirectErrorStream(true);
    RouterProcess router = new RouterProcess(builder.start());
    try {
      Matcher listening = Eventually.get(router::listening);
      router.port = Integer.parseInt(listening.group(1));
      router.managementPort = Integer.parseInt(listening.group(2));
      return router;
    } catch (AssertionError e) {
      router.close();
      throw new AssertionError("the router did not start:\n" + String.join("\n", router.lines), e);
    }
  }

  /** Runs {@code serve} with these Java options only and waits for its end. */
  public static Ended run(Map<String, String> environment, String... javaOptions)
      throws IOException, InterruptedException {
    return runCommand(ourClasses(List.of(javaOptions)), environment);
  }

  /** Runs a whole command and waits for its end. */
  public static Ended runCommand(List<String> command, Map<String, String> environment)
      throws IOException, InterruptedException {
    Process process = builder(environment, command).start();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        throw new AssertionError("the program did not end");
      }
      return new Ended(
          process.exitValue(),
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8),
          new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> ourClasses(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(JAVA);
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.cellrouter.Main"));
    return command;
  }

  private static ProcessBuilder builder(Map<String, String> environment, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder
        .environment()
        .putAll(
            Map.of(
                "PORT",
                "0",
                "MANAGEMENT_PORT",
                "0",
                "BIND_ADDRESS",
                "127.0.0.1",
                "DRAIN_DELAY",
                "0"));
    builder.environment().putAll(environment);
    return builder;
  }

  public int port() {
    return port;
  }

  public int managementPort() {
    return managementPort;
  }

  public Http http() {
    return new Http(port);
  }

  public Http management() {
    return new Http(managementPort);
  }

  /** Sends a signal by its name, such as TERM. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
  }

  /** Waits for the end and gives the exit code. */
  public int awaitExit() throws InterruptedException {
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the program did not end");
    }
    return process.exitValue();
  }

  public long pid() {
    return process.pid();
  }

  /** What it has printed so far. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** The access log line of one request, once it has been written. */
  public String logLine(String requestId) {
    return Eventually.get(
        () ->
            lines.stream()
                .filter(line -> line.contains("\"request_id\":\"" + requestId + "\""))
                .findFirst());
  }

  private Optional<Matcher> listening() {
    return lines.stream().map(LISTENING::matcher).filter(Matcher::find).findFirst();
  }

  private void read() {
    try (BufferedReader in = process.inputReader()) {
      String line;
      while ((line = in.readLine()) != null) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("(its output ended: " + e.getMessage() + ")");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
    reader.interrupt();
  }
}
