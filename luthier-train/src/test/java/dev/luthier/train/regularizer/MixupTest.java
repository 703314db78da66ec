package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import dev.luthier.train.objective.Dice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MixupTest extends WrapperContract {
  @Override
  protected Objective around(Objective of) {
    return new Mixup(0.7, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new Mixup(0, of);
  }

  @Test
  void words_are_blended_one_by_one_and_what_is_longer_is_cut() {
    try (Scope s = Scope.open()) {
      Tensor words = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 6, 1);
      Segments segments = new Segments(new int[] {3, 2, 1}, new long[] {0, 1, 2});
      assertThat(Mixup.blend(words, segments, new int[] {1, 0, 2}, 0.75).toDoubles())
          .containsExactly(
              0.75 * 1 + 0.25 * 4,
              0.75 * 2 + 0.25 * 5,
              0.75 * 3,
              0.75 * 4 + 0.25 * 1,
              0.75 * 5 + 0.25 * 2,
              6);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.2, 1, 3})
  void shares_are_drawn_from_the_beta_distribution(double alpha) {
    double mean = 0;
    double square = 0;
    int n = 4000;
    for (int i = 0; i < n; i++) {
      double share = Mixup.beta(Rng.Key.of(i), alpha);
      assertThat(share).isBetween(0.0, 1.0);
      mean += share / n;
      square += Math.pow(share - 0.5, 2) / n;
    }
    assertThat(mean).isCloseTo(0.5, within(0.03));
    assertThat(square).isCloseTo(1 / (4 * (2 * alpha + 1)), within(0.01));
  }

  @Test
  void the_loss_is_the_cross_entropy_of_the_blended_label() {
    ToyModel model = new ToyModel(0, DType.F64);
    LossContext step = step(model);
    try (Scope s = Scope.open()) {
      Loss loss = new Mixup(0.7, new CrossEntropy()).compute(model, batch(), step);
      Rng.Key key = step.key().with("mixup");
      double share = Mixup.beta(key.with("share"), 0.7);
      int[] partners = Rng.permutation(key.with("partners"), EXAMPLES);
      long[] ids = ((dev.luthier.data.batch.Targets.Classes) batch().targets()).ids().toLongs();
      double[] log = loss.logits("").logSoftmax(-1).toDoubles();
      double expected = 0;
      for (int i = 0; i < EXAMPLES; i++) {
        expected -=
            share * log[i * 3 + (int) ids[i]] + (1 - share) * log[i * 3 + (int) ids[partners[i]]];
      }
      assertThat(loss.sum().item()).isCloseTo(expected, within(1e-10));
      assertThat(loss.weight()).isCloseTo(EXAMPLES, within(1e-12));
    }
  }

  @Test
  void around_an_objective_that_could_run_in_parts_the_batch_is_run_whole() {
    ToyModel model = new ToyModel(0, DType.F64);
    Objective mixup = new Mixup(1, new Dice(1));
    try (Scope s = Scope.open()) {
      double whole = mixup.compute(model, batch(), step(model)).sum().item();
      double parts = mixup.compute(model, batch(), step(model).atOnce(3)).sum().item();
      assertThat(parts).isEqualTo(whole);
    }
  }

  @Test
  void alpha_beyond_four_is_refused() {
    assertThatThrownBy(() -> new Mixup(5, new CrossEntropy()))
        .hasMessageContaining("alpha must be in [0, 4], not 5");
  }
}
