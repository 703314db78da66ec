package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.TrainingException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GaLoreTest extends OptimizerContract {
  private static final List<String> ALL = List.of("regex:.*");

  private static GaLore on(List<String> parts) {
    return new GaLore(3e-4, 8, 50, 2, parts, 0.9, 0.999, 1e-8, 0);
  }

  @Override
  protected GradientTransform subject() {
    return on(List.of("weight"));
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("low", new GaLore(1e-2, 2, 7, 0.5, ALL, 0.9, 0.99, 1e-6, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:part-mean",
        "F32[3, 5]",
        "weight:part-square",
        "F32[3, 5]",
        "weight:basis",
        "F32[3, 3]",
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
    return 1e-5; // singular vectors
  }

  @Test
  void by_default_the_matrices_of_layers_are_projected_and_no_others() {
    try (Scope scope = Scope.open()) {
      Tensor table = Tensor.ones(DType.F32, 4, 3);
      String inLayer = "bert.encoder.layer.0.output.dense.weight";
      List<String> beside =
          List.of("bert.embeddings.word_embeddings.weight", "bert.pooler.dense.weight", "score");
      Map<String, Tensor> values = new TreeMap<>(Map.of(inLayer, table));
      beside.forEach(name -> values.put(name, table));
      Trial trial = Trial.on(values);
      trial.step(new GaLore(), 1, values);
      assertThat(trial.state.tensors()).containsKey(inLayer + ":basis");
      beside.forEach(
          name -> {
            assertThat(trial.kept(name + ":mean").shape()).containsExactly(4, 3);
            assertThat(trial.state.tensors()).doesNotContainKey(name + ":basis");
          });
    }
  }

  @Test
  void a_name_that_picks_nothing_is_refused() {
    try (Scope scope = Scope.open()) {
      assertThatThrownBy(() -> Trial.of(DType.F32).step(on(List.of("wait"))))
          .isInstanceOf(TrainingException.class)
          .hasMessageStartingWith("optimizer.galore.on: 'wait' picks none of");
      assertThatThrownBy(() -> on(List.of())).hasMessageStartingWith("on ");
    }
  }

  @Test
  void at_rank_one_the_update_has_rank_one() {
    try (Scope scope = Scope.open()) {
      Trial low =
          Trial.of(DType.F64, "weight").step(new GaLore(0.1, 1, 5, 1, ALL, 0.9, 0.99, 1e-8, 0));
      Tensor start = Trial.of(DType.F64, "weight").copies().get("weight");
      Tensor moved = low.copies().get("weight").sub(start);
      // Of rank one: all minors of two rows and columns are zero.
      double[] d = moved.toDoubles();
      assertThat(d[0] * d[4] - d[1] * d[3]).isCloseTo(0, within(1e-12));
      assertThat(d[9] * d[13] - d[10] * d[12]).isCloseTo(0, within(1e-12));
    }
  }
}
