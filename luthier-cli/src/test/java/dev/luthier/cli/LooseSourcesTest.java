package dev.luthier.cli;

import static dev.luthier.cli.Documentation.ROOT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java that no module builds compiles too: programs beside the modules, code in documentation. */
class LooseSourcesTest {
  private static final String OF_A_TECHNIQUE =
      """
      import com.google.auto.service.AutoService;
      import dev.luthier.technique.Area;
      import dev.luthier.technique.Technique;
      import dev.luthier.train.Schedule;
      """;

  /** The tests of the module that the contracts of optimizers stand in, which is built before. */
  private static final Path CONTRACTS = ROOT.resolve("luthier-train/target/test-classes");

  private static final String OF_A_CONTRACT =
      """
      import dev.luthier.train.GradientTransform;
      import dev.luthier.train.optim.OptimizerContract;
      import dev.luthier.train.optim.Signum;
      import java.util.Map;
      """;

  private static final String OF_A_TEST =
      """
      import dev.luthier.testing.Proves;
      import org.junit.jupiter.api.Test;
      class Shown {
      """;

  private static final String OF_A_PROGRAM =
      """
      import dev.luthier.recipe.Recipes;
      import dev.luthier.run.*;
      import java.nio.file.Path;
      import java.util.List;
      class Shown {
        void main() throws Exception {
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"bench", "models", "parity", ".ci"})
  void programs_beside_the_modules_compile(String where) throws IOException {
    assertCompiles(Documentation.files(where, ".java"));
  }

  @Test
  void the_java_of_the_guide_compiles() throws IOException {
    String lines =
        Documentation.blocks(ROOT.resolve("docs/guide.md"), "java").stream()
            .map(Documentation.Block::text)
            .collect(Collectors.joining());

    assertCompiles(source("Shown", OF_A_PROGRAM + lines + "}}"));
  }

  @Test
  void the_technique_that_developers_are_shown_compiles() throws IOException {
    List<Documentation.Block> shown =
        Documentation.blocks(ROOT.resolve("docs/dev/adding-a-technique.md"), "java");

    assertCompiles(source("InverseSqrtSchedule", OF_A_TECHNIQUE + shown.get(0).text()));
    assertCompiles(source("SignumTest", OF_A_CONTRACT + shown.get(1).text()));
    assertCompiles(source("Shown", OF_A_TEST + shown.get(2).text().replace("...", "") + "}"));
  }

  private List<Path> source(String name, String text) throws IOException {
    return List.of(Files.writeString(folder.resolve(name + ".java"), text));
  }

  private void assertCompiles(List<Path> sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    List<String> options = new ArrayList<>(List.of("-proc:none", "--release", "17", "-Xlint:all"));
    String path = System.getProperty("java.class.path") + File.pathSeparator + CONTRACTS;
    options.addAll(List.of("-d", folder.toString(), "-cp", path));
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
              .call();
      assertThat(compiled).as(said.toString()).isTrue();
    }
  }
}
