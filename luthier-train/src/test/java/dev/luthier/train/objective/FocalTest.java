package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Targets;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FocalTest extends ObjectiveContract {
  private static final ClassWeights WEIGHTS = new ClassWeights(false, Map.of("b", 3.0));

  @Override
  protected Objective subject() {
    return new Focal(2, null, new ClassWeights(true, Map.of()));
  }

  @Test
  @Proves("loss-focal")
  void it_is_cross_entropy_times_a_power_of_what_is_left_and_that_alone_where_gamma_is_zero() {
    try (Scope s = Scope.open()) {
      Tensor logits = Rng.normal(Rng.Key.of(1), 0, 2, 4, 4).to(DType.F64);
      double[] log = logits.logSoftmax(-1).toDoubles();
      int[] ids = {0, 1, 2, 1};
      double[] alpha = {1, 3, 1, 1};
      double plain = 0;
      double focused = 0;
      for (int i = 0; i < ids.length; i++) {
        double ce = -log[i * 4 + ids[i]] * alpha[ids[i]];
        plain += ce;
        focused += Math.pow(1 - Math.exp(log[i * 4 + ids[i]]), 2) * ce;
      }
      Targets targets = new Targets.Classes(Tensor.of(ids));
      assertThat(of(new Focal(0, null, WEIGHTS), logits, targets).sum().item())
          .isCloseTo(plain, within(1e-12));
      assertThat(of(new Focal(2, null, WEIGHTS), logits, targets).sum().item())
          .isCloseTo(focused, within(1e-12));
      assertThat(of(new Focal(0, null, WEIGHTS), logits, targets).mean())
          .isCloseTo(of(new CrossEntropy(0, WEIGHTS), logits, targets).mean(), within(1e-12));
    }
  }

  @Test
  void of_several_classes_without_gamma_it_is_their_cross_entropy() {
    try (Scope s = Scope.open()) {
      Tensor logits = Rng.normal(Rng.Key.of(1), 0, 9, 5, 4).to(DType.F64);
      Targets flags = new Targets.Flags(Rng.uniform(Rng.Key.of(2), 0, 1, 5, 4).greaterOrEqual(0.5));
      Loss focal = of(new Focal(0, null, WEIGHTS), logits, flags);
      Loss plain = of(new CrossEntropy(0, WEIGHTS), logits, flags);
      assertThat(focal.mean()).isCloseTo(plain.mean(), within(1e-8));
      assertThat(focal.weight()).isEqualTo(plain.weight());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 5})
  void what_is_known_for_sure_has_no_loss_and_a_finite_gradient(double gamma) {
    try (Scope s = Scope.open()) {
      Says model = Says.of(Tensor.of(new float[] {90, 0, 0}, 1, 3));
      Targets targets = new Targets.Classes(Tensor.of(new int[] {0}));
      Loss loss =
          new Focal(gamma, null, new ClassWeights())
              .compute(model, Says.batch(targets, 1), GoldenLoss.STEP);
      loss.sum().backward();
      assertThat(loss.mean()).isCloseTo(0, within(1e-9));
      assertThat(model.logits().value().grad().isFinite()).isTrue();
    }
  }

  @Test
  void alpha_for_a_single_class_is_refused_in_favour_of_class_weights() {
    try (Scope s = Scope.open()) {
      Targets targets = new Targets.Classes(Tensor.of(new int[] {0}));
      Tensor logits = Tensor.ones(DType.F32, 1, 3);
      assertThatThrownBy(() -> of(new Focal(2, 0.25, new ClassWeights()), logits, targets))
          .hasMessageContaining("alpha");
    }
  }

  private static Loss of(Objective objective, Tensor logits, Targets targets) {
    Says model = Says.of(logits);
    return GoldenLoss.begun(model, objective)
        .compute(model, Says.batch(targets, (int) logits.size(0)), GoldenLoss.STEP);
  }
}
