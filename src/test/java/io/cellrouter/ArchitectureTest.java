package io.cellrouter;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The directions that docs/architecture.md draws, held against the compiled classes. */
class ArchitectureTest {
  /** A package may use those after it, never those before it. */
  private static final List<String> ORDER =
      List.of(
          "lifecycle",
          "edge",
          "route",
          "forward",
          "resilience",
          "cell",
          "auth",
          "telemetry",
          "config");

  /** Stand beside that row: used by the composition root only, and using none of it but the end. */
  private static final Set<String> ASIDE = Set.of("demo", "traffic");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.cellrouter");

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    Set<String> packages =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> !name.equals("io.cellrouter"))
            .map(name -> name.split("\\.", -1)[2])
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> known = new TreeSet<>(ORDER);
    known.addAll(ASIDE);
    packages.removeAll(known);
    assertEquals(Set.of(), packages);
  }

  @Test
  void noPackageUsesOneBeforeIt() {
    for (int i = 1; i < ORDER.size(); i++) {
      for (String before : ORDER.subList(0, i)) {
        noClasses()
            .that()
            .resideInAPackage("io.cellrouter." + ORDER.get(i) + "..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.cellrouter." + before + ".."))
            .check(CLASSES);
      }
    }
  }

  @Test
  void whatStandsAsideUsesNothingOfTheRouter() {
    for (String aside : ASIDE) {
      for (String other : ORDER.subList(0, ORDER.size() - 2)) {
        noClasses()
            .that()
            .resideInAPackage("io.cellrouter." + aside + "..")
            .should()
            .dependOnClassesThat(resideInAPackage("io.cellrouter." + other + ".."))
            .allowEmptyShould(true)
            .check(CLASSES);
      }
    }
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.cellrouter.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyTelemetryKnowsTheMetricsLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.cellrouter.telemetry..")
        .should()
        .dependOnClassesThat(resideInAPackage("io.prometheus.."))
        .check(CLASSES);
  }

  @Test
  void onlySignalsUsesWhatTheJdkDoesNotSupport() {
    noClasses()
        .that()
        .doNotHaveSimpleName("Signals")
        .should()
        .dependOnClassesThat(resideInAPackage("sun.."))
        .check(CLASSES);
  }

  @Test
  void everyPackageSaysWhatItOwns() throws Exception {
    try (Stream<Path> folders = Files.walk(Path.of("src/main/java/io/cellrouter"))) {
      for (Path folder : folders.filter(Files::isDirectory).skip(1).toList()) {
        assertTrue(Files.exists(folder.resolve("package-info.java")), folder + " has none");
      }
    }
  }
}
