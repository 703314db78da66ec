package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SmartTest extends WrapperContract {
  private static final double EPSILON = 0.2;

  @Override
  protected Objective around(Objective of) {
    return smart(EPSILON, of);
  }

  private static Smart smart(double epsilon, Objective of) {
    return new Smart(2, 3, epsilon, 0.1, 0.05, 2, 0.9, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new Smart(0, 0, EPSILON, 0.1, 0.05, 2, 0.9, of);
  }

  /** The adversary is held fixed in the gradient, so it is held fixed in the differences too. */
  @Override
  @Test
  protected void its_gradient_agrees_with_finite_differences() {
    ToyModel model = model(DType.F64);
    LossContext step = step(model);
    Smart smart = smart(EPSILON, new CrossEntropy());
    Batch batch = batch();
    try (Scope s = Scope.open()) {
      Loss plain = new CrossEntropy().compute(model, batch, step.needingLogits());
      Tensor answer = plain.logits("").detach();
      Tensor before = Rng.normal(Rng.Key.of(6), 0, 1, answer.shape()).to(DType.F64);
      Tensor z = smart.ascend(model, batch, step, answer);
      Map<String, Tensor> gradients =
          gradients(model, smart.regularized(model, batch, step, plain, before, z));
      Modules.parameters(model)
          .forEach(
              (name, p) -> {
                double[] ends = new double[2];
                for (int side = 0; side < 2; side++) {
                  move(p, side == 0 ? -1e-5 : 2e-5);
                  Loss moved = new CrossEntropy().compute(model, batch, step.needingLogits());
                  ends[side] = smart.regularized(model, batch, step, moved, before, z).sum().item();
                }
                move(p, -1e-5);
                double slope = (ends[1] - ends[0]) / 2e-5;
                assertThat(gradients.get(name).view(-1).narrow(0, 0, 1).item())
                    .as(name)
                    .isCloseTo(slope, within(1e-6 + 1e-5 * Math.abs(slope)));
              });
    }
  }

  /** Changes a parameter's first value. */
  private static void move(Parameter p, double by) {
    try (Autograd.Guard off = Autograd.noGrad()) {
      var unused = p.value().view(-1).narrow(0, 0, 1).addInPlace(by);
    }
  }

  @Test
  @Proves("p-smart")
  void the_ascent_raises_the_divergence_no_room_gives_zero_and_the_average_follows_the_weights() {
    ToyModel model = model(DType.F64);
    LossContext step = step(model);
    Batch batch = batch();
    try (Scope s = Scope.open()) {
      Loss plain = new CrossEntropy().compute(model, batch, step.needingLogits());
      Tensor answer = plain.logits("").detach();
      double chance = apart(new Smart(1, 0, EPSILON, 0, 0.05, 1, 0.9, null), model, plain);
      double climbed = apart(new Smart(1, 0, EPSILON, 0.05, 0.05, 1, 0.9, null), model, plain);
      double further = apart(new Smart(1, 0, EPSILON, 0.05, 0.05, 3, 0.9, null), model, plain);
      assertThat(chance).isPositive();
      assertThat(climbed).isGreaterThan(chance);
      assertThat(further).isGreaterThan(climbed);
      Tensor z = smart(0.01, new CrossEntropy()).ascend(model, batch, step, answer);
      assertThat(z.abs().max().item()).isLessThanOrEqualTo(0.01 + 1e-12).isGreaterThan(0.0099);

      Loss none = smart(0, new CrossEntropy()).compute(model, batch, step);
      assertThat(none.scalars().get("smart")).isZero();
      assertThat(none.scalars().get("smart-average")).isZero(); // the average has just begun
      assertThat(none.sum().item()).isEqualTo(plain.sum().item());
    }
    followsTheWeights(model);
  }

  private double apart(Smart smart, ToyModel model, Loss plain) {
    LossContext step = step(model);
    Tensor z = smart.ascend(model, batch(), step, plain.logits("").detach());
    return smart.regularized(model, batch(), step, plain, null, z).scalars().get("smart");
  }

  private void followsTheWeights(ToyModel model) {
    Map<String, Parameter> parameters = Modules.parameters(model);
    OptimizerState state = new OptimizerState(parameters);
    Parameter p = parameters.get("query.weight");
    Smart smart = new Smart(0, 3, EPSILON, 0.1, 0.05, 1, 0.9, new CrossEntropy());
    double expected = 0;
    for (int n = 0; n < 4; n++) {
      LossContext step = new LossContext(new StepContext(n, 10, 0, 1, Rng.Key.of(n), state));
      double now = p.value().view(-1).toDoubles()[0];
      expected = n == 0 ? now : 0.9 * expected + 0.1 * now;
      for (int again = 0; again < 2; again++) { // as micro-batches do
        try (Scope s = Scope.open()) {
          Loss loss = smart.compute(model, batch(), step);
          assertThat(loss.scalars().get("smart-average"))
              .satisfies(d -> assertThat(d > 0).isEqualTo(step.number() > 0));
          Tensor average = state.of(p, "smart-average", () -> null);
          assertThat(average.view(-1).toDoubles()[0]).isCloseTo(expected, within(1e-12));
          assertThat(p.value().view(-1).toDoubles()[0]).isEqualTo(now);
        }
      }
      move(p, 0.5);
    }
  }
}
