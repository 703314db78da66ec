package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import org.junit.jupiter.api.Test;

class ZLossTest extends WrapperContract {
  @Override
  protected Objective around(Objective of) {
    return new ZLoss(0.3, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new ZLoss(0, of);
  }

  @Test
  void it_is_the_squared_logarithm_of_the_normaliser() {
    ToyModel model = model(DType.F64);
    try (Scope s = Scope.open()) {
      Loss plain = new CrossEntropy().compute(model, batch(), step(model));
      double[] z = plain.logits("").toDoubles();
      double sum = 0;
      for (int i = 0; i < z.length; i += 3) {
        double log = Math.log(Math.exp(z[i]) + Math.exp(z[i + 1]) + Math.exp(z[i + 2]));
        sum += log * log;
      }
      Loss loss = new ZLoss(0.3, new CrossEntropy()).compute(model, batch(), step(model));
      assertThat(loss.scalars().get("z-loss")).isCloseTo(0.3 * sum, within(1e-9));
      assertThat(loss.sum().item()).isCloseTo(plain.sum().item() + 0.3 * sum, within(1e-9));
    }
  }
}
