package io.cellrouter.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The wall clock of one process, which can be set. Made with the machine's C compiler. */
final class WallClock {
  private final Path library;
  private final Path shift;

  private WallClock(Path library, Path shift) {
    this.library = library;
    this.shift = shift;
  }

  /** Empty where there is no C compiler. */
  static Optional<WallClock> in(Path folder) throws IOException, InterruptedException {
    Path library = folder.resolve("wallclock.so");
    try {
      Process compiler =
          new ProcessBuilder(
                  "cc", "-shared", "-fPIC", "-o", library.toString(), "src/test/c/wallclock.c")
              .inheritIO()
              .start();
      if (compiler.waitFor() != 0) {
        throw new AssertionError("src/test/c/wallclock.c cannot be compiled");
      }
    } catch (IOException e) {
      return Optional.empty();
    }
    WallClock clock = new WallClock(library, folder.resolve("shift"));
    clock.shift(Duration.ZERO);
    return Optional.of(clock);
  }

  /** For the process. */
  Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "WALLCLOCK_SHIFT", shift.toString());
  }

  /** Sets it to so much after the machine's. */
  void shift(Duration duration) throws IOException {
    Path next = Files.writeString(shift.resolveSibling("next"), duration.toSeconds() + "\n");
    Files.move(next, shift, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
