package io.cellrouter.fault;

import io.cellrouter.support.Eventually;
import io.cellrouter.support.RouterProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a router holds on to. Idle, it is what it was before the first request, but for what {@link
 * #assertIsBackTo} allows.
 *
 * @param sockets its file descriptors that are sockets
 * @param threads platform threads, by name, without those of a bounded pool
 * @param virtualThreads the same, as the JVM's thread dump lists them
 * @param permits requests in flight over all cells, and bytes of large bodies, as its own metrics
 *     say
 */
record Held(int sockets, List<String> threads, List<String> virtualThreads, double permits) {
  Held {
    threads = List.copyOf(threads);
    virtualThreads = List.copyOf(virtualThreads);
  }

  /** The connection that the permits are read over, and one of a probe that is under way. */
  private static final int SOCKETS = 2;

  /** A task or two that the JDK starts when there is work and keeps, such as its timers. */
  private static final int THREADS = 3;

  /** Those that serve the sockets above. */
  private static final int VIRTUAL = 2;

  /**
   * Threads that are not there at first and that requests cannot multiply: the JVM's own (JIT,
   * garbage collector, carriers and pollers of virtual threads, the one that dumps threads for
   * this), and the management listener's fixed pool.
   */
  private static final Pattern BOUNDED =
      Pattern.compile(
          "(C[12] |GC |G1 |ForkJoinPool|Attach Listener|MasterPoller|SubPoller|management-).*");

  private static final Pattern PERMITS =
      Pattern.compile("router_(inflight|request_bytes|answer_bytes)");

  private static final Pattern VIRTUAL_THREAD = Pattern.compile("#\\d+ \"(.*)\" virtual");

  static Held by(RouterProcess router) {
    Path process = Path.of("/proc", Long.toString(router.pid()));
    return new Held(
        sockets(router),
        list(process.resolve("task"), task -> true).stream().flatMap(Held::nameOf).toList(),
        virtualThreads(router.pid()),
        permits(router));
  }

  static int sockets(RouterProcess router) {
    return list(Path.of("/proc", Long.toString(router.pid()), "fd"), Held::isSocket).size();
  }

  /** Waits for it, generously: pooled connections stay for as long as the keep-alive says. */
  static Held assertIsBackTo(Held idle, RouterProcess router) {
    Held[] last = {idle};
    try {
      return Eventually.get(
          () -> {
            last[0] = by(router);
            return last[0].isBackTo(idle) ? Optional.of(last[0]) : pause();
          });
    } catch (AssertionError e) {
      throw new AssertionError(
          "leaked: idle "
              + idle
              + ", at the end "
              + last[0]
              + "; more threads: "
              + more(last[0].threads, idle.threads)
              + more(last[0].virtualThreads, idle.virtualThreads),
          e);
    }
  }

  private boolean isBackTo(Held idle) {
    return sockets <= idle.sockets + SOCKETS
        && threads.size() <= idle.threads.size() + THREADS
        && virtualThreads.size() <= idle.virtualThreads.size() + VIRTUAL
        && permits == 0;
  }

  /** A thread dump costs the router some milliseconds: not in a tight loop. */
  private static Optional<Held> pause() {
    LockSupport.parkNanos(300_000_000);
    return Optional.empty();
  }

  private static List<String> more(List<String> now, List<String> before) {
    List<String> more = new ArrayList<>(now);
    before.forEach(more::remove);
    return more;
  }

  private static List<Path> list(Path folder, Predicate<Path> which) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(which).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> nameOf(Path task) {
    try {
      String name = Files.readString(task.resolve("comm")).strip();
      return BOUNDED.matcher(name).matches() ? Stream.empty() : Stream.of(name);
    } catch (IOException e) {
      return Stream.empty(); // Ended since it was listed.
    }
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      return false; // Closed since it was listed.
    }
  }

  private static List<String> virtualThreads(long pid) {
    try {
      Path dump = Files.createTempFile("threads", ".txt");
      try {
        Process jcmd =
            new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                    Long.toString(pid),
                    "Thread.dump_to_file",
                    "-overwrite",
                    dump.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!jcmd.waitFor(20, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
          throw new AssertionError("jcmd gave no thread dump of " + pid);
        }
        try (Stream<String> lines = Files.lines(dump)) {
          return lines
              .map(VIRTUAL_THREAD::matcher)
              .filter(Matcher::lookingAt)
              .map(line -> line.group(1))
              .filter(name -> !BOUNDED.matcher(name).matches())
              .toList();
        }
      } finally {
        Files.delete(dump);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private static double permits(RouterProcess router) {
    return router
        .management()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> PERMITS.matcher(line).lookingAt() && !line.contains("_limit"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public String toString() {
    return "%d sockets, %d + %d threads, %.0f permits"
        .formatted(sockets, threads.size(), virtualThreads.size(), permits);
  }
}
