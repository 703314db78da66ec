package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Targets;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class R3fTest extends WrapperContract {
  @Override
  protected Objective around(Objective of) {
    return new R3f(2, 0.3, Noise.NORMAL, 0.1, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new R3f(0, 0.3, Noise.NORMAL, 0, of);
  }

  @ParameterizedTest
  @EnumSource
  @Proves("p-r3f-r4f")
  void it_adds_what_noise_changes_nothing_without_noise_and_r4f_the_excess_of_the_spectral_norm(
      Noise noise) {
    ToyModel model = model(DType.F64);
    LossContext step = step(model);
    try (Scope s = Scope.open()) {
      Loss plain = new CrossEntropy().compute(model, batch(), step);
      Loss loss = new R3f(2, 0.3, noise, 0, new CrossEntropy()).compute(model, batch(), step);
      Pass pass = step.pass();
      Pass noisy =
          pass.perturbing(
              (x, segments) ->
                  x.add(noise.like(x, segments, pass.key().with("r3f"), length -> 0.3)));
      Tensor noised = model.answer(batch().tokens(), noisy).requireLogits();
      Targets targets = batch().targets();
      double apart =
          Divergence.oneWay("", targets, plain.logits(""), noised, 1)
              .add(Divergence.oneWay("", targets, noised, plain.logits(""), 1))
              .item();
      assertThat(apart).isPositive();
      assertThat(loss.sum().item()).isCloseTo(plain.sum().item() + 2 * apart, within(1e-10));
      assertThat(loss.scalars().get("r3f")).isCloseTo(2 * apart, within(1e-10));

      Loss still = new R3f(2, 0, noise, 0, new CrossEntropy()).compute(model, batch(), step);
      assertThat(still.scalars().get("r3f")).isZero();

      Loss bounded = new R3f(0, 0, noise, 3, new CrossEntropy()).compute(model, batch(), step);
      Tensor head = Modules.parameters(model).get("classifier.weight").value().detach();
      double norm = largest(head);
      assertThat(norm).isGreaterThan(1);
      assertThat(bounded.scalars().get("spectral"))
          .isCloseTo(3 * (norm - 1) * (norm - 1) * EXAMPLES, within(1e-6));
    }
  }

  /** By the eigenvalues of W Wᵀ, of which the largest is the norm's square. */
  private static double largest(Tensor w) {
    Tensor square = w.matmul(w.transpose(0, 1));
    Tensor first = dev.luthier.tensor.Linalg.eigenvectors(square).select(1, 0).unsqueeze(1);
    return square.matmul(first).norm().sqrt().item();
  }

  @Test
  void a_head_of_norm_one_or_less_costs_nothing() {
    ToyModel model = model(DType.F64);
    try (Scope s = Scope.open()) {
      Tensor head = Modules.parameters(model).get("classifier.weight").value().detach();
      var unused = head.mulInPlace(0.99 / largest(head));
      Loss loss =
          new R3f(0, 0, Noise.UNIFORM, 3, new CrossEntropy()).compute(model, batch(), step(model));
      assertThat(loss.scalars().get("spectral")).isZero();
    }
  }
}
