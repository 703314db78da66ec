package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DionTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Dion();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("low", new Dion(1e-2, 0.9, 0.5, 0.1, 100));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:momentum",
        "F32[5, 3]",
        "weight:basis",
        "F32[3, 1]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Test
  void at_full_rank_the_update_is_the_orthogonal_factor_of_the_momentum() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F64, "square");
      Tensor g = Trial.gradient("square", 0, DType.F64);
      Dion optimizer = new Dion(0.1, 1 - 1e-9, 1, 0, 100);
      Tensor before = trial.copies().get("square");
      for (int n = 0; n < 400; n++) { // one gradient, so that the power iteration converges
        before = trial.copies().get("square");
        trial.step(optimizer, 1, Map.of("square", n == 0 ? g : g.mul(0)));
      }
      Tensor moved = before.sub(trial.copies().get("square")).div(0.1);
      Tensor polar = Linalg.function(Matrices.rows(g), x -> x.pow(-0.5)).matmul(g);
      assertThat(moved.toDoubles()).containsExactly(polar.toDoubles(), within(1e-3));
    }
  }

  @Override
  protected double closeness() {
    return 1e-5; // an orthonormalization in each step
  }

  @Test
  void the_rank_is_a_share_of_the_shorter_side_and_sides_beyond_the_bound_get_adamw() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32, "weight");
      trial.step(new Dion(1e-2, 0.9, 0.7, 0, 5));
      assertThat(trial.kept("weight:basis").shape()).containsExactly(3, 2);
      Trial beyond = Trial.of(DType.F32, "weight").step(new Dion(1e-2, 0.9, 0.7, 0, 4));
      assertThat(beyond.state.tensors()).containsKey("weight:square");
    }
  }
}
