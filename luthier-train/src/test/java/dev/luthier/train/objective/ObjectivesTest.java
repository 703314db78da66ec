package dev.luthier.train.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.TrainingException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectivesTest {
  private static final LossContext STEP = GoldenLoss.STEP;

  @ParameterizedTest
  @CsvSource({
    "cross-entropy, 0",
    "cross-entropy-ignored, 0",
    "cross-entropy-class-weights, 0",
    "cross-entropy-smoothed, 0.1",
    "cross-entropy-smoothed-ignored, 0.1",
    "cross-entropy-smoothed-class-weights, 0.2"
  })
  @Proves("reg-label-smoothing")
  void cross_entropy_equals_the_reference(String name, double smoothing) {
    GoldenLoss.agrees("losses/" + name, Targets.Classes::new, w -> new CrossEntropy(smoothing, w));
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary-cross-entropy", "binary-cross-entropy-positive-weights"})
  void cross_entropy_of_several_classes_equals_the_reference(String name) {
    GoldenLoss.agrees("losses/" + name, Targets.Flags::new, w -> new CrossEntropy(0, w));
  }

  @Test
  @Proves("loss-mse")
  void mean_squared_error_equals_the_reference() {
    GoldenLoss.agrees(
        "losses/mean-squared-error", ObjectivesTest::scores, w -> new MeanSquaredError());
  }

  @Test
  void absolute_error_equals_the_reference() {
    GoldenLoss.agrees("objectives/mae", ObjectivesTest::scores, w -> new MeanAbsoluteError());
  }

  @Test
  @Proves("loss-mae")
  void absolute_error_pulls_with_its_sign_and_not_at_all_where_there_is_none() {
    try (Scope s = Scope.open()) {
      Says model = Says.of(Tensor.of(new float[] {1, 2, 5}, 3, 1));
      Targets targets = scores(Tensor.of(new float[] {3, 2, 1}, 3));
      Loss loss = new MeanAbsoluteError().compute(model, Says.batch(targets, 3), STEP);
      loss.sum().backward();
      assertThat(loss.sum().item()).isEqualTo(6);
      assertThat(loss.weight()).isEqualTo(3);
      assertThat(model.logits().value().grad().toDoubles()).containsExactly(-1, 0, 1);
    }
  }

  @Test
  void huber_equals_the_reference() {
    GoldenLoss.agrees("objectives/huber", ObjectivesTest::scores, w -> new Huber(1.5));
  }

  @Test
  @Proves("loss-huber")
  void huber_is_quadratic_near_and_linear_far_with_one_slope_where_they_meet() {
    try (Scope s = Scope.open()) {
      double e = 1e-9;
      double[] errors = {0.5, -1, 3, -5, 2 - e, 2 + e};
      Says model = Says.of(Tensor.of(errors, 6, 1));
      Targets targets = scores(Tensor.zeros(DType.F64, 6));
      Loss loss = new Huber(2).compute(model, Says.batch(targets, 6), STEP);
      loss.sum().backward();
      assertThat(loss.sum().item())
          .isCloseTo(0.125 + 0.5 + 2 * (3 - 1) + 2 * (5 - 1) + 2 + 2, within(1e-8));
      assertThat(model.logits().value().grad().toDoubles())
          .containsExactly(new double[] {0.5, -1, 2, -2, 2, 2}, within(1e-8));
    }
  }

  @ParameterizedTest
  @CsvSource({"focal, 2", "focal-weighted, 1.5"})
  void focal_equals_the_formula_of_the_paper(String name, double gamma) {
    GoldenLoss.agrees("objectives/" + name, Targets.Classes::new, w -> new Focal(gamma, null, w));
  }

  @Test
  void focal_of_several_classes_equals_the_formula_of_the_paper() {
    GoldenLoss.agrees("objectives/focal-several", Targets.Flags::new, w -> new Focal(2, 0.25, w));
  }

  private static Targets scores(Tensor labels) {
    return new Targets.Scores(labels.reshape(-1));
  }

  @Test
  @Proves("loss-cross-entropy")
  void cross_entropy_is_stable_passes_over_what_is_ignored_and_pulls_by_p_less_y() {
    try (Scope s = Scope.open()) {
      double[] z = {1, 2, 0, -1, 0, 1, 3, 3, 3};
      double[] p = Tensor.of(z, 3, 3).softmax(-1).toDoubles();
      Says model = Says.of(Tensor.of(z, 3, 3));
      Batch three = Says.batch(new Targets.Classes(Tensor.of(new int[] {1, -100, 2})), 3);
      Loss loss = new CrossEntropy().compute(model, three, STEP);
      loss.sum().backward();
      assertThat(loss.weight()).isEqualTo(2);
      assertThat(loss.sum().item()).isCloseTo(-Math.log(p[1] * p[8]), within(1e-12));
      assertThat(model.logits().value().grad().toDoubles())
          .containsExactly(
              new double[] {p[0], p[1] - 1, p[2], 0, 0, 0, p[6], p[7], p[8] - 1}, within(1e-12));

      double eps = 0.3;
      double smooth = -(1 - eps) * Math.log(p[1]) - eps / 3 * Math.log(p[0] * p[1] * p[2]);
      Batch first = Says.batch(new Targets.Classes(Tensor.of(new int[] {1, -100, -100})), 3);
      assertThat(new CrossEntropy(eps).compute(model, first, STEP).sum().item())
          .isCloseTo(smooth, within(1e-12));
      double others = -0.8 * Math.log(p[1]) - 0.1 * Math.log(p[0]) - 0.1 * Math.log(p[2]);
      assertThat(new CrossEntropy(0.2 * 3 / 2).compute(model, first, STEP).sum().item())
          .as("the other convention of smoothing 0.2")
          .isCloseTo(others, within(1e-12));

      ClassWeights weights = new ClassWeights(false, Map.of("c", 5.0));
      Says four = Says.of(Tensor.of(new double[] {1, 2, 0, -1}, 1, 4));
      double[] q = four.logits().value().softmax(-1).toDoubles();
      Batch one = Says.batch(new Targets.Classes(Tensor.of(new int[] {2})), 1);
      Loss weighted = GoldenLoss.begun(four, new CrossEntropy(0, weights)).compute(four, one, STEP);
      assertThat(weighted.sum().item()).isCloseTo(-5 * Math.log(q[2]), within(1e-12));
      assertThat(weighted.mean()).isCloseTo(-Math.log(q[2]), within(1e-12));

      Says far = Says.of(Tensor.of(new double[] {1e4, -1e4, 0, 2}, 1, 4));
      Batch flags = Says.batch(new Targets.Flags(Tensor.of(new float[] {0, 1, 1, 0}, 1, 4)), 1);
      Loss several = new CrossEntropy().compute(far, flags, STEP);
      several.sum().backward();
      double sigmoid = 1 / (1 + Math.exp(-2));
      assertThat(several.sum().item())
          .isCloseTo(2e4 + Math.log(2) - Math.log(1 - sigmoid), within(1e-9));
      assertThat(several.weight()).isEqualTo(4);
      assertThat(far.logits().value().grad().toDoubles())
          .containsExactly(new double[] {1, -1, -0.5, sigmoid}, within(1e-12));
      assertThat(new CrossEntropy().compute(far, one, STEP).sum().item()).isEqualTo(1e4);
    }
  }

  @Test
  void smoothing_of_zero_is_plain_cross_entropy() {
    try (Scope s = Scope.open()) {
      Says model = Says.of(Rng.normal(Rng.Key.of(1), 0, 1, 4, 3));
      Batch b = Says.batch(new Targets.Classes(Tensor.of(new long[] {0, 1, 2, 1}, 4)), 4);
      assertThat(new CrossEntropy(0).compute(model, b, STEP).mean())
          .isEqualTo(new CrossEntropy().compute(model, b, STEP).mean());
    }
  }

  @Test
  void distance_of_embeddings_is_zero_for_the_same_direction_and_four_for_the_opposite() {
    try (Scope s = Scope.open()) {
      Tensor hidden = Tensor.of(new float[] {3, 4, 0, 2}, 2, 2);
      Tensor teacher = Tensor.of(new float[] {6, 8, 0, -1}, 2, 2);
      Loss loss =
          new EmbeddingDistance()
              .compute(Says.of(hidden), Says.batch(new Targets.Vectors(teacher), 2), STEP);
      assertThat(loss.sum().item()).isCloseTo(4, within(1e-5));
      assertThat(loss.weight()).isEqualTo(2);
    }
  }

  @Test
  void gradient_of_the_distance_of_embeddings_agrees_with_finite_differences() {
    try (Scope s = Scope.open()) {
      Tensor at = Rng.normal(Rng.Key.of(2), 0, 1, 3, 4).to(DType.F64);
      Targets targets = new Targets.Vectors(Rng.normal(Rng.Key.of(3), 0, 1, 3, 4).to(DType.F64));
      Objective distance = new EmbeddingDistance();
      Says model = Says.of(at);
      distance.compute(model, Says.batch(targets, 3), STEP).sum().backward();
      double[] expected =
          Autograd.finiteDifferences(
              t -> distance.compute(Says.of(t), Says.batch(targets, 3), STEP).sum().item(),
              at,
              1e-6);
      assertThat(model.logits().value().grad().toDoubles()).containsExactly(expected, within(1e-6));
    }
  }

  @Test
  void targets_of_another_kind_are_refused_with_what_fits_them() {
    try (Scope s = Scope.open()) {
      Says model = Says.of(Tensor.ones(DType.F32, 2, 1));
      Batch numbers = Says.batch(new Targets.Scores(Tensor.ones(DType.F32, 2)), 2);
      assertThatThrownBy(() -> new CrossEntropy().compute(model, numbers, STEP))
          .hasMessageContaining("for numbers use the objective mse");
      Batch classes = Says.batch(new Targets.Classes(Tensor.of(new int[] {0, 0})), 2);
      assertThatThrownBy(() -> new MeanSquaredError().compute(model, classes, STEP))
          .isInstanceOf(TrainingException.class)
          .hasMessage(
              "objective mse needs numbers as targets, and the task gives one class for each, for"
                  + " which cross-entropy is usual");
      assertThatThrownBy(() -> new EmbeddingDistance().compute(model, classes, STEP))
          .isInstanceOf(TrainingException.class)
          .hasMessageStartingWith("objective embedding-distance needs a vector for each text");
    }
  }
}
