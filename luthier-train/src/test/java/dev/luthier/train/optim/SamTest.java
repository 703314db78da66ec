package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamTest {
  private static Tensor after(Tensor x, Sam sam) {
    Trial trial = Trial.on(Map.of("x", x));
    trial.batch = new QuadraticBatch(trial, 2);
    Chain chain = new Chain(List.of(sam, new Sgd(0.1, 0, false, 0)));
    trial.step(chain, 1, Map.of("x", x.mul(2)));
    return trial.copies().get("x");
  }

  @Test
  void the_gradient_is_that_of_the_worst_point_of_the_ball() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(new double[] {3, -4}, 2);
      // g = 2 x, and its norm 10: the worst point is x + ρ x / 5.
      double[] expected = x.sub(x.mul(1 + 0.5 / 5).mul(2 * 0.1)).toDoubles();
      assertThat(after(x, new Sam(0.5, false)).toDoubles())
          .containsExactly(expected, within(1e-12));
      // Relative to each weight: |x| g = (18, -32), and x² g = (54, -128).
      double norm = Math.hypot(18, 32);
      Tensor worst = x.add(Tensor.of(new double[] {54, -128}, 2).mul(0.5 / norm));
      assertThat(after(x, new Sam(0.5, true)).toDoubles())
          .containsExactly(x.sub(worst.mul(2 * 0.1)).toDoubles(), within(1e-12));
    }
  }

  @Test
  void without_a_gradient_nothing_is_computed_again() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.on(Map.of("x", Tensor.ones(DType.F32, 3)));
      trial.step(new Sam(), 1, Map.of("x", Tensor.zeros(DType.F32, 3)));
      assertThat(trial.value("x")).containsOnly(1);
    }
  }

  @Test
  void a_radius_out_of_range_is_refused_by_its_key() {
    assertThatThrownBy(() -> new Sam(0, false)).hasMessage("rho must be above 0, not 0.0");
  }
}
