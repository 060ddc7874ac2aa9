package io.cellrouter.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Gives one process a name server of its own: its own mount of the file that names the system's.
 */
final class OwnResolver {
  /** Asks again after ten seconds, as often as it may: far longer than any request waits. */
  private static final String PATIENT = "nameserver %s\noptions timeout:10 attempts:5\n";

  private OwnResolver() {}

  /**
   * The command that does it, for {@link Trial#inside}; empty where it is not allowed (it needs
   * root).
   *
   * @param folder for the file
   */
  static Optional<List<String>> command(Path folder) throws IOException, InterruptedException {
    Path file =
        Files.writeString(folder.resolve("resolv.conf"), PATIENT.formatted(NameServer.ADDRESS));
    List<String> command =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
            file.toString());
    List<String> tried = new ArrayList<>(command);
    tried.add("true");
    try {
      int status =
          new ProcessBuilder(tried)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      return status == 0 ? Optional.of(command) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // There is no such program.
    }
  }
}
