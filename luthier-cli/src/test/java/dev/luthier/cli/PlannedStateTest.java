package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.recipe.Recipes;
import dev.luthier.run.FineTuning;
import dev.luthier.run.Recipe;
import dev.luthier.run.plan.Planner;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.train.GradientTransform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a plan says of the state of every optimizer, beside what a run keeps of it. */
class PlannedStateTest {
  @TempDir private static Path folder;
  private static Workshop shop = new Workshop(Path.of(""));

  @BeforeAll
  static void furnish() throws IOException {
    shop = Workshop.furnished(folder);
  }

  static Stream<String> optimizers() {
    Stream<String> all =
        ServiceLoader.load(GradientTransform.class).stream()
            .map(ServiceLoader.Provider::type)
            .map(type -> Objects.requireNonNull(type.getAnnotation(Technique.class)))
            .map(t -> t.key().isEmpty() ? t.id() : t.key())
            .sorted()
            .map(key -> key + (key.equals("swa") ? ": {from: 0}" : ": {}"))
            .map("{chain: {links: [{%s}, {sgd: {lr: 1e-3}}]}}"::formatted);
    return Stream.concat(all, Stream.of("{galore: {rank: 4}}", "{badam: {steps: 2}}", "adamw"));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void state_of_an_optimizer_is_planned_as_a_run_keeps_it(String optimizer) throws IOException {
    Path run = folder.resolve("run-" + Integer.toHexString(optimizer.hashCode()));
    List<String> settings =
        List.of(
            "adapt=[full]",
            "optimizer=" + optimizer,
            "train.max-steps=3",
            "train.save-every=1",
            "train.keep=3",
            "output=" + run);
    Recipe recipe = Recipes.read(shop.path("recipe.yaml"), Recipe.class, settings);
    long planned = new Planner(recipe, folder).plan().model().optimizerStateBytes();
    var unused = FineTuning.of(recipe, folder).run();
    long most = 0;
    for (int step = 1; step <= 3; step++) {
      most = Math.max(most, kept(run.resolve("checkpoints/step-00000000" + step)));
    }
    assertThat(planned).isCloseTo(most, Percentage.withPercentage(5));
  }

  private static long kept(Path checkpoint) {
    try (TensorFile file = TensorFile.open(checkpoint.resolve("optimizer.safetensors"))) {
      return file.names().stream().mapToLong(name -> file.tensor(name).bytes()).sum();
    }
  }
}
