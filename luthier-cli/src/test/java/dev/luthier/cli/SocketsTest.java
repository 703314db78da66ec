package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.luthier.recipe.document.KeyPath;
import dev.luthier.recipe.document.Node;
import dev.luthier.recipe.document.Problems;
import dev.luthier.recipe.shape.Reading;
import dev.luthier.recipe.shape.SocketShape;
import dev.luthier.recipe.shape.TechniqueType;
import dev.luthier.technique.Technique;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SocketsTest {

  @Test
  void every_technique_can_be_named_in_a_recipe() {
    Set<String> declared =
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("test-classes"))
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("dev.luthier")
                .stream()
                .filter(c -> c.isAnnotatedWith(Technique.class))
                .filter(SocketsTest::plugsIn)
                .map(JavaClass::getName)
                .collect(Collectors.toSet());

    Set<String> listed =
        Sockets.shapes().stream()
            .flatMap(s -> s.techniques().stream())
            .map(t -> t.type().getName())
            .collect(Collectors.toSet());
    assertThat(listed)
        .as("add the interface of a technique that is not listed to Sockets")
        .containsExactlyInAnyOrderElementsOf(declared);
  }

  @ParameterizedTest
  @MethodSource("techniques")
  void every_technique_with_its_defaults_is_written_and_reads_back_equal(
      SocketShape socket, TechniqueType technique) {
    Problems problems = new Problems();
    Reading bare = socket.read(Node.Scalar.plain(technique.name()), KeyPath.TOP, problems);
    problems.throwIfAny();

    Reading again = socket.read(socket.write(bare.value()), KeyPath.TOP, problems);
    problems.throwIfAny();
    assertThat(again.value()).isEqualTo(bare.value()).isInstanceOf(technique.type());
  }

  private static boolean plugsIn(JavaClass technique) {
    return technique.getAllRawInterfaces().stream()
        .anyMatch(i -> i.getPackageName().startsWith("dev.luthier"));
  }

  static Stream<Arguments> techniques() {
    return Sockets.shapes().stream()
        .flatMap(socket -> socket.techniques().stream().map(t -> Arguments.of(socket, t)));
  }
}
