package dev.luthier.model;

import static dev.luthier.model.Golden.requireClose;
import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Compares a model folder with the values that the reference computed for it. */
public final class Parity {
  /** Relative bound of forward values in float32. */
  public static final double FORWARD = 1e-5;

  /** Relative bound of gradients in float32. */
  public static final double GRADIENT = 1e-4;

  private Parity() {}

  /** Compares logits, loss and all gradients of a folder with its values in a file. */
  public static void require(Path folder, String values) {
    require(Pretrained.load(folder, null, Rng.Key.of(11)), Golden.open(folder, values));
  }

  /** Compares logits, loss and all gradients with golden values. */
  public static void require(Pretrained loaded, Golden golden) {
    try (Scope scope = Scope.open()) {
      assertThat(loaded.report().drawn()).isEmpty();
      Tensor logits = loaded.model().forward(golden.tokens(), Pass.EVALUATION).requireLogits();
      requireClose("logits", logits, golden.logits(), FORWARD);
      Tensor sum = HeadLosses.sum(loaded.head(), logits, golden);
      requireClose("loss", sum, golden.value("loss_sum"), FORWARD);
      sum.div(golden.value("loss_weight").item()).backward();
      golden.requireGradients(gradients(loaded.model()), GRADIENT);
    }
  }

  /** The gradients accumulated so far, by parameter. */
  public static Map<String, Tensor> gradients(Model model) {
    Map<String, Tensor> out = new TreeMap<>();
    Modules.parameters(model).forEach((name, p) -> out.put(name, p.value().grad()));
    return out;
  }
}
