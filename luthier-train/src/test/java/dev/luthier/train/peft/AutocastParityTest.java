package dev.luthier.train.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.train.precision.Bfloat16;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Losses and gradients in bfloat16 beside those of torch's autocast. Two computations that round at
 * every product agree no better with each other than either does with exact arithmetic, so that
 * what is compared is how far both are from the exact values.
 */
class AutocastParityTest {
  /** Rounding errors that differ in sign differ by chance; autocast's are the yardstick. */
  private static final double SLACK = 1.5;

  private static TensorFile golden(String name) throws Exception {
    return TensorFile.open(
        Path.of(
            Objects.requireNonNull(
                    AutocastParityTest.class.getResource(
                        "/golden/precision/" + name + ".safetensors"))
                .toURI()));
  }

  @Test
  void all_weights_of_a_classifier_get_gradients_as_exact_as_those_of_autocast() throws Exception {
    Pretrained model = GoldenAdapter.base("base-bert");
    assertThat(new Bfloat16().apply(model.model())).isNotEmpty();
    Map<String, Parameter> parameters = new TreeMap<>();
    Modules.parameters(model.model()).forEach(parameters::put);
    compare("bert", model, parameters);
  }

  @Test
  void adapter_of_a_causal_language_model_gets_gradients_as_exact_as_those_of_autocast()
      throws Exception {
    Pretrained model = GoldenAdapter.base("base-llama");
    LoraAdapted adapted =
        (LoraAdapted) PeftFolder.load(GoldenAdapter.resource("llama-all-linear"), model);
    assertThat(new Bfloat16().apply(model.model())).isNotEmpty();
    assertThat(Modules.parameters(model.model()).values())
        .filteredOn(p -> !p.trainable() && p.shape().length > 1)
        .isNotEmpty()
        .allMatch(p -> p.value().dtype() == DType.BF16);
    compare("llama", model, adapted.tensors());
  }

  private static void compare(String name, Pretrained model, Map<String, Parameter> parameters)
      throws Exception {
    try (TensorFile file = golden(name);
        Scope scope = Scope.open()) {
      Tensor logits =
          model
              .model()
              .forward(GoldenAdapter.tokens(file), Pass.EVALUATION)
              .requireLogits()
              .to(DType.F32);
      Tensor loss = Functional.crossEntropySum(logits, file.tensor("labels"), null, 0);
      loss.backward();
      double wanted = exact(file, "loss_sum").item();
      assertThat(loss.item()).isCloseTo(wanted, within(0.005 * wanted));
      assertThat(error(file, "logits", logits)).isLessThan(SLACK * autocast(file, "logits"));
      double ours = 0;
      double theirs = 0;
      for (Map.Entry<String, Parameter> e : parameters.entrySet()) {
        String gradient = "grad." + e.getKey();
        if (exact(file, gradient).norm().item() < 1e-9) {
          continue;
        }
        Tensor g = Objects.requireNonNull(e.getValue().value().grad(), gradient);
        assertThat(g.dtype()).isEqualTo(DType.F32);
        double own = error(file, gradient, g);
        double reference = autocast(file, gradient);
        assertThat(own).as(gradient).isLessThan(5 * reference + 0.02);
        ours += own * own;
        theirs += reference * reference;
      }
      assertThat(Math.sqrt(ours)).isLessThan(SLACK * Math.sqrt(theirs));
      assertThat(theirs).isPositive();
    }
  }

  private static Tensor exact(TensorFile file, String name) {
    return file.tensor("exact." + name);
  }

  private static double autocast(TensorFile file, String name) {
    return error(file, name, file.tensor("autocast." + name));
  }

  /** The distance from the exact values, relative to their size. */
  private static double error(TensorFile file, String name, Tensor found) {
    Tensor exact = exact(file, name);
    return found.sub(exact).norm().item() / exact.norm().item();
  }
}
