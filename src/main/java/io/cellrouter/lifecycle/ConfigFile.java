package io.cellrouter.lifecycle;

import io.cellrouter.config.ConfigException;
import io.cellrouter.config.ConfigLoader;
import io.cellrouter.config.RouterConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Looks at {@code ROUTER_CONFIG} and judges what is new in it. The <em>content</em> is compared: a
 * mounted ConfigMap changes by a symbolic link being swapped, which neither a modification time nor
 * inotify on the file shows reliably. Belongs to one thread.
 */
final class ConfigFile {
  /** A file written in place may be met half written, and half a file can be a valid one. */
  private static final Duration SETTLE = Duration.ofMillis(50);

  private final Path path;
  private final ConfigReader reader;
  private final Sleeper sleeper;
  private Optional<Content> last = Optional.empty();

  /** {@link Thread#sleep(Duration)}, or a fake one. */
  @FunctionalInterface
  interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  /** What a look found. */
  sealed interface Found {
    /** The same as the last time. */
    record Nothing() implements Found {}

    /** Something else, and it is good by itself. */
    record Good(RouterConfig config) implements Found {}

    /** Something else, and it cannot be used: every problem, at least one. */
    record Bad(List<String> problems) implements Found {}
  }

  /** What the file holds, or why it cannot be read. */
  private record Content(byte[] bytes, List<String> problems) {
    boolean sameAs(Content other) {
      return Arrays.equals(bytes, other.bytes) && problems.equals(other.problems);
    }
  }

  ConfigFile(Path path, ConfigReader reader, Sleeper sleeper) {
    this.path = path;
    this.reader = reader;
    this.sleeper = sleeper;
  }

  /** Judges each content once, and only once it has been still for a moment. */
  Found look() throws InterruptedException {
    Content content = read();
    if (last.isPresent() && content.sameAs(last.get())) {
      return new Found.Nothing();
    }
    sleeper.sleep(SETTLE);
    if (!content.sameAs(read())) {
      return new Found.Nothing(); // Still being written; the next look sees it.
    }
    last = Optional.of(content);
    return judge(content);
  }

  private Found judge(Content content) {
    if (!content.problems.isEmpty()) {
      return new Found.Bad(content.problems);
    }
    try {
      return new Found.Good(reader.read(content.bytes));
    } catch (ConfigException e) {
      return new Found.Bad(e.problems());
    } catch (RuntimeException | Error e) {
      return new Found.Bad(List.of("ROUTER_CONFIG: " + path + " cannot be judged: " + e));
    }
  }

  private Content read() {
    try {
      return new Content(ConfigLoader.read(path), List.of());
    } catch (ConfigException e) {
      return new Content(new byte[0], e.problems());
    }
  }
}
