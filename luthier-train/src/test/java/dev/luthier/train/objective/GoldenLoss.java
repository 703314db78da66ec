package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.Targets;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.Origin;
import dev.luthier.train.StepContext;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Compares an objective with what the reference made of the same logits. */
final class GoldenLoss {
  static final LossContext STEP =
      new LossContext(new StepContext(0, 1, 0, 1, Rng.Key.of(0), new OptimizerState(Map.of())));
  private static final List<String> LABELS = List.of("a", "b", "c", "d");

  private GoldenLoss() {}

  /**
   * Asserts that value, weight and gradient are those of the file.
   *
   * @param name of the file below the folder of golden files
   * @param targets from the file's labels
   * @param objective from the weights that the file gives the classes
   */
  static void agrees(
      String name, Function<Tensor, Targets> targets, Function<ClassWeights, Objective> objective) {
    try (Scope s = Scope.open();
        TensorFile file = open(name)) {
      Says model = Says.of(file.tensor("logits"));
      Tensor labels = file.tensor("labels");
      Loss loss =
          begun(model, objective.apply(weights(file)))
              .compute(model, Says.batch(targets.apply(labels), (int) labels.size(0)), STEP);
      assertThat(loss.sum().item()).isCloseTo(file.tensor("loss_sum").item(), within(1e-4));
      assertThat(loss.weight()).isCloseTo(file.tensor("loss_weight").item(), within(1e-5));
      loss.sum().backward();
      Tensor gradient = model.logits().value().grad().div(loss.weight());
      assertThat(gradient.toDoubles())
          .containsExactly(file.tensor("grad.logits").toDoubles(), within(1e-6));
    }
  }

  static Objective begun(Says model, Objective objective) {
    Origin origin = new Origin(Path.of(""), LABELS, null, java.util.Set.of());
    return objective.begin(
        new Beginning(model, new EncodedDataset("none", List.of(), "none"), origin));
  }

  private static ClassWeights weights(TensorFile file) {
    String given =
        file.names().contains("weight")
            ? "weight"
            : file.names().contains("pos_weight") ? "pos_weight" : "";
    Map<String, Double> out = new LinkedHashMap<>();
    if (!given.isEmpty()) {
      double[] values = file.tensor(given).toDoubles();
      for (int i = 0; i < values.length; i++) {
        out.put(LABELS.get(i), values[i]);
      }
    }
    return new ClassWeights(false, out);
  }

  static TensorFile open(String name) {
    return TensorFile.open(file(name));
  }

  private static Path file(String name) {
    try {
      return Path.of(GoldenLoss.class.getResource("/golden/" + name + ".safetensors").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
