package dev.luthier.architecture;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

  /** What stands. */
  @Nested
  class Luthier {
    private static final House HOUSE = new House("dev.luthier");
    private static final JavaClasses CLASSES =
        new ClassFileImporter()
            .withImportOption(location -> !location.contains("test-classes"))
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.luthier");

    @Test
    void no_module_uses_one_above_it() {
      HOUSE.moduleOrder().forEach(rule -> rule.check(CLASSES));
    }

    @Test
    void every_package_has_its_module() {
      HOUSE.everyPackageHasItsModule().check(CLASSES);
    }

    @Test
    void the_binding_of_the_engine_stays_in_the_facade() {
      HOUSE.bindingStaysInTheFacade().check(CLASSES);
    }

    @Test
    void no_packages_use_each_other_in_a_circle() {
      HOUSE.noCycles().check(CLASSES);
    }
  }

  /** What breaks each rule on purpose is found. */
  @Nested
  class Broken {
    private static final House HOUSE = new House("dev.luthier.architecture.broken");
    private static final JavaClasses CLASSES =
        new ClassFileImporter().importPackages("dev.luthier.architecture.broken");

    @Test
    void a_module_that_uses_one_above_it_is_found() {
      assertThatThrownBy(() -> HOUSE.moduleOrder().forEach(rule -> rule.check(CLASSES)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("LooksUp");
    }

    @Test
    void a_package_without_a_module_is_found() {
      assertThatThrownBy(() -> HOUSE.everyPackageHasItsModule().check(CLASSES))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("Stray");
    }

    @Test
    void a_use_of_the_binding_elsewhere_is_found() {
      assertThatThrownBy(() -> HOUSE.bindingStaysInTheFacade().check(CLASSES))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("Smuggler");
    }

    @Test
    void a_circle_of_packages_is_found() {
      assertThatThrownBy(() -> HOUSE.noCycles().check(CLASSES))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("Cycle detected");
    }
  }
}
