import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The papers of an image: its bill of materials ({@code bom.json}, CycloneDX) and the licences of
 * what is in it ({@code licenses/}). Both are made from the jars that are really there: a jar
 * without a component, or a component without its jar, fails the build.
 *
 * <p>Usage: {@code java -cp 'target/lib/*' jlink/image/Papers.java BOM JDK PROGRAM LICENSE}, where
 * BOM is what cyclonedx-maven-plugin wrote, JDK the linked runtime and PROGRAM the folder that holds
 * {@code app/lib} and gets the papers.
 */
final class Papers {
  private final Path jdk;
  private final Path home;
  private final Map<String, Object> bom;

  private Papers(Path jdk, Path home, Map<String, Object> bom) {
    this.jdk = jdk;
    this.home = home;
    this.bom = bom;
  }

  public static void main(String[] args) throws Exception {
    Map<String, Object> bom = JSON.std.mapFrom(Files.readString(Path.of(args[0])));
    Papers papers = new Papers(Path.of(args[1]), Path.of(args[2]), bom);
    Map<Path, Map<String, Object>> jars = papers.match();
    papers.writeLicenses(jars, Path.of(args[3]));
    papers.writeBom(jars);
  }

  /** Each library of the image with its component. */
  private Map<Path, Map<String, Object>> match() throws IOException {
    Map<String, Map<String, Object>> byFile = new TreeMap<>();
    for (Map<String, Object> component : list(bom, "components")) {
      byFile.put(component.get("name") + "-" + component.get("version") + ".jar", component);
    }
    Map<Path, Map<String, Object>> jars = new TreeMap<>();
    try (var files = Files.list(home.resolve("app/lib"))) {
      for (Path jar : files.toList()) {
        Map<String, Object> component = byFile.remove(jar.getFileName().toString());
        if (component == null) {
          throw new IllegalStateException("no component in the bill of materials for " + jar);
        }
        jars.put(jar, component);
      }
    }
    if (!byFile.isEmpty()) {
      throw new IllegalStateException("not in the image: " + byFile.keySet());
    }
    return jars;
  }

  private void writeBom(Map<Path, Map<String, Object>> jars) throws Exception {
    for (var jar : jars.entrySet()) {
      // Of the file in the image: web jars hold less there than where they come from.
      jar.getValue().put("hashes", List.of(ordered("alg", "SHA-256", "content", sha256(jar.getKey()))));
    }
    Map<String, Object> platform = platform();
    list(bom, "components").add(platform);
    for (Map<String, Object> dependency : list(bom, "dependencies")) {
      if (dependency.get("ref").equals(root().get("bom-ref"))) {
        list(dependency, "dependsOn", String.class).add((String) platform.get("bom-ref"));
      }
    }
    list(bom, "dependencies").add(ordered("ref", platform.get("bom-ref"), "dependsOn", List.of()));
    String text = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(bom);
    Files.writeString(home.resolve("bom.json"), text + "\n");
  }

  private Map<String, Object> platform() throws IOException {
    Properties release = new Properties();
    try (var in = Files.newBufferedReader(jdk.resolve("release"))) {
      release.load(in);
    }
    String version = Runtime.version().toString();
    String modules = unquoted(release, "MODULES");
    if (!version.startsWith(unquoted(release, "JAVA_VERSION"))) {
      throw new IllegalStateException("run me with the JDK that linked " + jdk);
    }
    // OpenJDK's own name: scanners know its advisories by it.
    String purl = "pkg:generic/openjdk@" + version.replace("+", "%2B");
    return ordered(
        "type", "platform",
        "bom-ref", purl,
        "publisher", System.getProperty("java.vendor"),
        "name", "openjdk",
        "version", version,
        "description", "The linked runtime: " + modules,
        "licenses", List.of(Map.of("expression", "GPL-2.0-only WITH Classpath-exception-2.0")),
        "cpe", "cpe:2.3:a:oracle:openjdk:" + version.replaceAll("[+-].*", "") + ":*:*:*:*:*:*:*",
        "purl", purl);
  }

  private void writeLicenses(Map<Path, Map<String, Object>> jars, Path own) throws IOException {
    Path folder = Files.createDirectories(home.resolve("licenses"));
    Files.copy(own, folder.resolve("LICENSE"));
    List<String> lines = new ArrayList<>();
    lines.add("The cell router is under the licence in the file LICENSE. It is delivered with:");
    lines.add("");
    for (var entry : jars.entrySet()) {
      Map<String, Object> component = entry.getValue();
      List<String> names = licences(component);
      if (names.isEmpty()) {
        throw new IllegalStateException("no licence is known of " + entry.getKey());
      }
      String name = component.get("name") + " " + component.get("version");
      lines.add(name + ": " + String.join(" or ", names));
      copyTexts(entry.getKey(), folder.resolve(component.get("name").toString()));
    }
    lines.add("");
    lines.add("Notices of a jar's own stand in the folder of its name. Where it has none, and the");
    lines.add("licence is Apache-2.0, the text is jackson-core/LICENSE.");
    lines.add("OpenJDK and what it holds: GPL-2.0 with Classpath exception, see ../legal.");
    Files.write(folder.resolve("THIRD-PARTY.txt"), lines);
    if (!Files.exists(folder.resolve("jackson-core/LICENSE"))) {
      throw new IllegalStateException("the text of the Apache licence is not where it was");
    }
  }

  private static void copyTexts(Path jar, Path folder) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : Collections.list(file.entries())) {
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        if (!entry.isDirectory() && name.matches("(?i).*(LICENSE|NOTICE).*") && !name.endsWith(".class")) {
          Files.createDirectories(folder);
          try (var in = file.getInputStream(entry)) {
            Files.write(folder.resolve(name), in.readAllBytes());
          }
        }
      }
    }
  }

  private static List<String> licences(Map<String, Object> component) {
    List<String> names = new ArrayList<>();
    for (Map<String, Object> choice : list(component, "licenses")) {
      Object licence = choice.get("license");
      if (licence instanceof Map<?, ?> map) {
        names.add(String.valueOf(map.get(map.containsKey("id") ? "id" : "name")));
      } else {
        names.add(String.valueOf(choice.get("expression")));
      }
    }
    return names;
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> root() {
    Map<String, Object> metadata = (Map<String, Object>) bom.get("metadata");
    return (Map<String, Object>) metadata.get("component");
  }

  private static List<Map<String, Object>> list(Map<String, Object> map, String name) {
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> found = (List<Map<String, Object>>) (List<?>) list(map, name, Map.class);
    return found;
  }

  /** The list itself, put there when there was none. */
  @SuppressWarnings("unchecked")
  private static <T> List<T> list(Map<String, Object> map, String name, Class<T> type) {
    return (List<T>) map.computeIfAbsent(name, absent -> new ArrayList<T>());
  }

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static String unquoted(Properties release, String name) {
    return release.getProperty(name, "").replace("\"", "");
  }

  private static String sha256(Path file) throws IOException, GeneralSecurityException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }
}
