import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fails unless a started router takes its own classes from the ahead-of-time cache. The JVM drops a
 * cache that does not fit without a word, and an exit code of 0 says nothing: so the log of loaded
 * classes is read.
 *
 * <p>Usage: {@code java jlink/aot/CacheCheck.java RUNTIME WORK_FOLDER}
 */
final class CacheCheck {
  private static final Pattern OWN_CLASS =
      Pattern.compile("io\\.cellrouter\\.[\\w.$]+(?:/0x[0-9a-f]+)? source: (.*)");
  private static final String FROM_CACHE = "shared objects file";
  // A class that training never reached is no fault; a tenth of them is a training gone stale.
  private static final double LEAST_SHARE = 0.9;

  private CacheCheck() {}

  public static void main(String[] args) throws Exception {
    Path runtime = Path.of(args[0]).toAbsolutePath();
    Path work = Path.of(args[1]).toAbsolutePath();
    Path classes = work.resolve("classes.log");
    List<String> options =
        List.of(
            "-XX:AOTCache=" + runtime.resolve("lib/router.aot"),
            "-XX:AOTMode=on",
            "-Xlog:class+load:file=" + classes);
    try (Cells cells = new Cells();
        RouterProcess router =
            RouterProcess.start(runtime, options, cells, work.resolve("cache-check.log"))) {
      // Served from the cache in another folder than that of its training (JDK-8376576).
      try (Conversation conversation = new Conversation(router)) {
        conversation.everyAnswer();
      }
      router.stop();
    }
    report(classes);
  }

  private static void report(Path log) throws IOException {
    List<String> sources =
        Files.readAllLines(log).stream()
            .map(OWN_CLASS::matcher)
            .filter(Matcher::find)
            .map(matcher -> matcher.group(1))
            .toList();
    long cached = sources.stream().filter(source -> source.contains(FROM_CACHE)).count();
    String figures = cached + " of " + sources.size() + " of the router's classes came from the cache";
    if (cached == 0 || cached < LEAST_SHARE * sources.size()) {
      throw new IllegalStateException("the AOT cache is not used: " + figures + ", see " + log);
    }
    System.out.println(figures);
  }
}
