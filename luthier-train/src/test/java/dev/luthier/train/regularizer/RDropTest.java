package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import org.junit.jupiter.api.Test;

class RDropTest extends WrapperContract {
  @Override
  protected Objective around(Objective of) {
    return new RDrop(2, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new RDrop(0, of);
  }

  @Test
  void it_is_the_mean_of_two_passes_and_half_their_divergences_both_ways() {
    ToyModel model = model(DType.F64);
    LossContext step = step(model);
    try (Scope s = Scope.open()) {
      Loss first = new CrossEntropy().compute(model, batch(), step);
      Loss second = new CrossEntropy().compute(model, batch(), step.draw(1));
      double[] p = first.logits("").logSoftmax(-1).toDoubles();
      double[] q = second.logits("").logSoftmax(-1).toDoubles();
      double both = 0;
      for (int i = 0; i < p.length; i++) {
        both += Math.exp(p[i]) * (p[i] - q[i]) + Math.exp(q[i]) * (q[i] - p[i]);
      }
      Loss loss = new RDrop(3, new CrossEntropy()).compute(model, batch(), step);
      assertThat(both).isPositive();
      assertThat(loss.scalars().get("r-drop")).isCloseTo(3 * both / 2, within(1e-10));
      assertThat(loss.sum().item())
          .isCloseTo((first.sum().item() + second.sum().item()) / 2 + 3 * both / 2, within(1e-10));
      assertThat(loss.weight()).isEqualTo(EXAMPLES);
    }
  }

  @Test
  void without_dropout_there_is_nothing_to_compare() {
    ToyModel model = new ToyModel(0, DType.F32);
    try (Scope s = Scope.open()) {
      Loss loss = new RDrop(3, new CrossEntropy()).compute(model, batch(), step(model));
      assertThat(loss.scalars().get("r-drop")).isZero();
    }
  }
}
