import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fails unless a started router takes its own classes, and those of the JDK, from the ahead-of-time
 * cache. The JVM drops a cache that does not fit without a word, and an exit code of 0 says
 * nothing: so the log of loaded classes is read.
 *
 * <p>Usage: {@code java jlink/aot/CacheCheck.java RUNTIME WORK_FOLDER}
 */
final class CacheCheck {
  private static final Pattern OWN_CLASS =
      Pattern.compile("io\\.cellrouter\\.[\\w.$]+(?:/0x[0-9a-f]+)? source: (.*)");
  private static final Pattern ANY_CLASS = Pattern.compile("[\\w.$/]+ source: (.*)");
  private static final String FROM_CACHE = "shared objects file";
  // A class that training never reached is no fault; a tenth of them is a training gone stale, for
  // example by another version of the JDK: ./build.sh train.
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
    report(classes, OWN_CLASS, "the router's classes");
    report(classes, ANY_CLASS, "all classes");
  }

  private static void report(Path log, Pattern loaded, String which) throws IOException {
    List<String> sources =
        Files.readAllLines(log).stream()
            .map(loaded::matcher)
            .filter(Matcher::find)
            .map(matcher -> matcher.group(1))
            .toList();
    long cached = sources.stream().filter(source -> source.contains(FROM_CACHE)).count();
    String figures = cached + " of " + sources.size() + " of " + which + " came from the cache";
    if (cached == 0 || cached < LEAST_SHARE * sources.size()) {
      throw new IllegalStateException(
          "the AOT cache is not used: " + figures + ", see " + log + "; ./build.sh train?");
    }
    System.out.println(figures);
  }
}
