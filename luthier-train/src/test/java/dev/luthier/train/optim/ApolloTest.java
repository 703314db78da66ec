package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.TrainingException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ApolloTest extends OptimizerContract {
  private static final List<String> ALL = List.of("regex:.*");

  @Override
  protected GradientTransform subject() {
    return new Apollo(3e-4, 8, 200, 4, false, ALL, 1.01, 0.9, 0.999, 1e-8, 0);
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "channels",
        new Apollo(1e-2, 2, 200, 1, false, ALL, 1.01, 0.9, 0.99, 1e-8, 0.1),
        "mini",
        new Apollo(1e-2, 2, 200, 3, true, ALL, 1.5, 0.9, 0.99, 1e-8, 0));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:part-mean",
        "F32[8, 5]",
        "weight:part-square",
        "F32[8, 5]",
        "weight:projection",
        "F32[8, 3]",
        "weight:norm",
        "F32[]",
        "weight:count",
        "F32[]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 1e-5; // quotients of norms
  }

  @Test
  void by_default_the_matrices_of_layers_are_scaled_and_no_others() {
    try (Scope scope = Scope.open()) {
      Tensor table = Tensor.ones(DType.F32, 4, 3);
      Map<String, Tensor> values =
          Map.of(
              "layers.0.mlp.up_proj.weight", table, "embed_tokens.weight", table, "score", table);
      Trial trial = Trial.on(values);
      trial.step(new Apollo(), 1, values);
      assertThat(trial.state.tensors().keySet().stream().filter(n -> n.endsWith(":projection")))
          .containsExactly("layers.0.mlp.up_proj.weight:projection");
      assertThatThrownBy(() -> Trial.of(DType.F32).step(new Apollo()))
          .isInstanceOf(TrainingException.class)
          .hasMessageStartingWith("optimizer.apollo.on: ");
    }
  }
}
