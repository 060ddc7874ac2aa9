package io.cellrouter.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cellrouter.config.ConfigException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir Path folder;
  private final List<String> judged = new ArrayList<>();

  @Test
  void judgesEachContentOnce() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "one");
    ConfigFile file = new ConfigFile(path, this::judge, time -> {});
    for (int i = 0; i < 3; i++) {
      file.look();
    }
    Files.writeString(path, "two");
    file.look();
    Files.writeString(path, "two"); // Touched, not changed.
    assertInstanceOf(ConfigFile.Found.Nothing.class, file.look());

    assertEquals(List.of("one", "two"), judged);
  }

  @Test
  void aFileMetWhileItIsWrittenIsNotJudged() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "cells: one, t");
    ConfigFile file =
        new ConfigFile(
            path,
            this::judge,
            time -> {
              try {
                Files.writeString(path, "cells: one, two");
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });

    assertInstanceOf(ConfigFile.Found.Nothing.class, file.look());
    assertEquals(List.of(), judged, "half a file can be a valid one");
    file.look();
    assertEquals(List.of("cells: one, two"), judged);
  }

  @Test
  void saysOfAFileThatIsGoneEmptyOrHugeThatItIs() throws Exception {
    Path path = folder.resolve("f");
    ConfigFile file = new ConfigFile(path, this::judge, time -> {});
    assertTrue(problem(file).endsWith("there is no file " + path));
    Files.writeString(path, " \n\n");
    assertTrue(problem(file).endsWith("is empty"));
    Files.write(path, new byte[5 * 1_024 * 1_024]);
    assertTrue(problem(file).contains("more than"));
    assertEquals(List.of(), judged);
  }

  @Test
  void aReaderThatFailsUnexpectedlyIsAProblemOfTheFile() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "x");
    ConfigFile file =
        new ConfigFile(
            path,
            content -> {
              throw new IllegalStateException("who thought of that");
            },
            time -> {});

    assertTrue(problem(file).contains("who thought of that"));
    assertInstanceOf(ConfigFile.Found.Nothing.class, file.look());
  }

  private static String problem(ConfigFile file) throws InterruptedException {
    return ((ConfigFile.Found.Bad) file.look()).problems().getFirst();
  }

  private io.cellrouter.config.RouterConfig judge(byte[] content) throws ConfigException {
    judged.add(new String(content, StandardCharsets.UTF_8));
    return io.cellrouter.config.ConfigLoader.load(
        java.util.Map.of("NGINX_1_URL", "http://127.0.0.1:1"));
  }
}
