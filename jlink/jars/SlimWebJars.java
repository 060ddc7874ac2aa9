import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Copies jars, web jars without what the router never serves: source maps, other builds of the same
 * script, type declarations. That is three in four of their bytes. Licences stay.
 *
 * <p>The training run asks for every file that the pages load, so one too few fails the build.
 *
 * <p>Usage: {@code java jlink/jars/SlimWebJars.java TO_FOLDER JAR...}
 */
final class SlimWebJars {
  private static final String WEB_FILES = "META-INF/resources/webjars/";
  private static final List<String> SERVED =
      List.of("/swagger-ui.css", "/swagger-ui-bundle.js", "/bundles/redoc.standalone.js");

  private SlimWebJars() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    for (String arg : List.of(args).subList(1, args.length)) {
      Path jar = Path.of(arg);
      Path copy = folder.resolve(jar.getFileName());
      try (JarFile file = new JarFile(jar.toFile())) {
        if (file.getEntry(WEB_FILES) == null) {
          Files.copy(jar, copy);
        } else {
          copyServed(file, copy);
        }
      }
    }
  }

  private static void copyServed(JarFile jar, Path to) throws IOException {
    try (OutputStream out = Files.newOutputStream(to);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (!entry.isDirectory() && isKept(entry.getName())) {
          ZipEntry copy = new ZipEntry(entry.getName());
          // As it was there: the time of the copy would make each build another one.
          copy.setTimeLocal(entry.getTimeLocal());
          zip.putNextEntry(copy);
          jar.getInputStream(entry).transferTo(zip);
          zip.closeEntry();
        }
      }
    }
  }

  private static boolean isKept(String name) {
    return !name.startsWith(WEB_FILES)
        || name.contains("LICENSE")
        || SERVED.stream().anyMatch(name::endsWith);
  }
}
