package dev.luthier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.testing.Proves;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrongRegularizationTest {
  @TempDir private Path folder;

  @Test
  @Proves("strong-reg")
  void the_stronger_the_preset_the_nearer_the_weights_stay_to_the_pre_trained_ones()
      throws IOException {
    Workshop shop = Workshop.furnished(folder);
    shop.recipe("[full]", 6);
    List<Double> distances = new ArrayList<>();
    distances.add(distance(shop, "none"));
    for (int strength : new int[] {1, 10, 100}) {
      String run = "strength-" + strength;
      distances.add(distance(shop, run, "--set", "preset.strong-reg.strength=" + strength));
      assertThat(Files.readString(shop.path(run).resolve("recipe.yaml")))
          .contains("l2-sp", "dropout", "early-stopping", "weight-decay: 0\n");
      assertThat(shop.err() + shop.out()).contains("preset strong-reg: objective.l2-sp.alpha is ");
    }
    assertThat(distances.get(0)).isPositive();
    for (int i = 1; i < distances.size(); i++) {
      assertThat(distances.get(i)).as("%s", distances).isLessThan(distances.get(i - 1));
    }
  }

  @Test
  void without_validation_data_it_says_that_early_stopping_needs_them() throws IOException {
    Workshop shop = Workshop.furnished(folder);
    assertThat(shop.train("--set", "preset=strong-reg", "--set", "data.split={test: 0.2}"))
        .isEqualTo(ExitCode.MENDABLE);
    assertThat(shop.err()).contains("train.early-stopping: there are no validation data");
  }

  /** ‖w - w⁰‖ of what came with the model. */
  private static double distance(Workshop shop, String run, String... more) {
    List<Object> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--set", "output=" + shop.path(run)));
    assertThat(shop.train(words.toArray())).as(shop.err()).isEqualTo(ExitCode.OK);
    try (Scope scope = Scope.open()) {
      Map<String, Parameter> start = weights(shop.path("model"));
      double sum = 0;
      for (Map.Entry<String, Parameter> e : weights(shop.path(run).resolve("model")).entrySet()) {
        if (e.getKey().startsWith("bert.")) {
          double d = e.getValue().value().sub(start.get(e.getKey()).value()).norm().item();
          sum += d * d;
        }
      }
      return Math.sqrt(sum);
    }
  }

  private static Map<String, Parameter> weights(Path model) {
    return Modules.parameters(Pretrained.load(model, null, Rng.Key.of(0)).model());
  }
}
