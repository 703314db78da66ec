package dev.luthier.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/**
 * The order of the house: which packages are in which module, and which may use which.
 *
 * @param root the package above all others
 */
record House(String root) {

  /** The packages of each module below the root, in the order in which modules stand. */
  private static final List<List<String>> MODULES =
      List.of(
          List.of("spelling", "technique", "tensor"),
          List.of("model"),
          List.of("data"),
          List.of("train"),
          List.of("eval"),
          List.of("recipe", "run", "cli"));

  /** No module uses one above it. */
  List<ArchRule> moduleOrder() {
    List<ArchRule> rules = new ArrayList<>();
    for (int floor = 0; floor + 1 < MODULES.size(); floor++) {
      rules.add(
          noClasses()
              .that()
              .resideInAnyPackage(packages(MODULES.subList(floor, floor + 1)))
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(packages(MODULES.subList(floor + 1, MODULES.size())))
              .allowEmptyShould(true));
    }
    return rules;
  }

  /** Every class is in a package that belongs to a module. */
  ArchRule everyPackageHasItsModule() {
    return classes().should().resideInAnyPackage(packages(MODULES));
  }

  /** The engine's binding is used by the engine's facade alone. */
  ArchRule bindingStaysInTheFacade() {
    return noClasses()
        .that()
        .resideOutsideOfPackage(root + ".tensor..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco..")
        .allowEmptyShould(true);
  }

  /** No package uses, by whatever way, a package that uses it. */
  ArchRule noCycles() {
    return slices().matching(root + ".(**)").should().beFreeOfCycles();
  }

  private String[] packages(List<List<String>> modules) {
    return modules.stream()
        .flatMap(List::stream)
        .map(name -> root + "." + name + "..")
        .toArray(String[]::new);
  }
}
