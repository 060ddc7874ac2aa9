import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The list of classes that the cache is made from, in the JVM's own format: names of classes, the
 * constants of each that can be linked ahead ({@code @cp}), lambdas and method handles.
 *
 * <pre>
 * java ClassList.java merge    LIST RECORDED...   what training runs recorded, into the list that is kept
 * java ClassList.java complete LIST JAR OUT       that and the router's own classes, for the dump
 * </pre>
 *
 * <p>The list that is kept is sorted and does without what the jar tells by itself, so that it
 * changes little from one training to the next, and a changed class is linked as it is now.
 */
final class ClassList {
  private static final String OWN = "io/cellrouter/";
  private static final String CONSTANTS = "@cp ";

  private ClassList() {}

  public static void main(String[] args) throws IOException {
    Path list = Path.of(args[1]);
    switch (args[0]) {
      case "merge" -> merge(list, Arrays.stream(args).skip(2).map(Path::of).toList());
      case "complete" -> complete(list, Path.of(args[2]), Path.of(args[3]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void merge(Path list, List<Path> recorded) throws IOException {
    TreeSet<String> classes = new TreeSet<>();
    TreeSet<String> lambdas = new TreeSet<>();
    Map<String, TreeSet<Integer>> constants = new TreeMap<>();
    for (Path file : recorded) {
      for (String line : Files.readAllLines(file)) {
        if (line.startsWith(CONSTANTS)) {
          String[] words = line.split(" ");
          TreeSet<Integer> indices = constants.computeIfAbsent(words[1], name -> new TreeSet<>());
          Arrays.stream(words).skip(2).map(Integer::valueOf).forEach(indices::add);
        } else if (line.startsWith("@")) {
          lambdas.add(line);
        } else if (!line.startsWith("#") && !line.isBlank()) {
          classes.add(line.replaceFirst(" id: \\d+$", ""));
        }
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("# Made by jlink/train.sh from training runs; not to be edited.");
    classes.stream().filter(name -> !name.startsWith(OWN)).forEach(lines::add);
    constants.forEach(
        (name, indices) -> {
          if (!name.startsWith(OWN)) {
            lines.add(constantsOf(name, indices));
          }
        });
    lines.addAll(lambdas);
    Files.write(list, lines);
  }

  private static void complete(Path list, Path jar, Path out) throws IOException {
    List<String> classes = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (String line : Files.readAllLines(list)) {
      (line.startsWith("@") ? rest : classes).add(line);
    }
    try (JarFile file = new JarFile(jar.toFile())) {
      List<JarEntry> entries = new ArrayList<>(Collections.list(file.entries()));
      entries.sort((one, other) -> one.getName().compareTo(other.getName()));
      for (JarEntry entry : entries) {
        String name = entry.getName().replaceFirst("\\.class$", "");
        if (entry.getName().startsWith(OWN) && entry.getName().endsWith(".class") && !name.endsWith("-info")) {
          classes.add(name);
          rest.add(0, constantsOf(name, linkable(file.getInputStream(entry).readAllBytes())));
        }
      }
    }
    classes.addAll(rest);
    Files.write(out, classes);
  }

  /** All that the JVM may link ahead; what it must not, it leaves. */
  private static List<Integer> linkable(byte[] bytes) {
    ClassModel model = ClassFile.of().parse(bytes);
    List<Integer> indices = new ArrayList<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof ClassEntry || entry instanceof MemberRefEntry || entry instanceof InvokeDynamicEntry) {
        indices.add(entry.index());
      }
    }
    return indices;
  }

  private static String constantsOf(String name, Iterable<Integer> indices) {
    StringBuilder line = new StringBuilder(CONSTANTS).append(name);
    indices.forEach(index -> line.append(' ').append(index));
    return line.toString();
  }
}
