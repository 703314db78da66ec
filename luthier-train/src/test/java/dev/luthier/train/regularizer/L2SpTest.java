package dev.luthier.train.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Modules;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.Objective;
import dev.luthier.train.loop.ToyModel;
import dev.luthier.train.objective.CrossEntropy;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class L2SpTest extends WrapperContract {
  @Override
  protected Objective around(Objective of) {
    return new L2Sp(0.3, 0.2, of);
  }

  @Override
  protected Objective off(Objective of) {
    return new L2Sp(0, 0, of);
  }

  @Test
  void old_weights_are_measured_from_where_they_began_and_new_ones_from_zero() {
    ToyModel model = model(DType.F64);
    Map<String, Tensor> start = new TreeMap<>();
    Modules.parameters(model).forEach((n, p) -> start.put(n, p.value().detach().copy()));
    Modules.parameters(model).get("norm.weight").setTrainable(false);
    Objective objective = begun(new L2Sp(0.3, 0.2, new CrossEntropy()), model);
    try (Scope s = Scope.open()) {
      double[] expected = {0};
      Modules.parameters(model)
          .forEach(
              (name, p) -> {
                Tensor now = p.value().detach();
                if (drawn().contains(name)) {
                  expected[0] += 0.1 * now.pow(2).sum().item();
                } else if (p.trainable()) {
                  expected[0] += 0.15 * now.sub(start.get(name)).pow(2).sum().item();
                }
              });
      Loss plain = new CrossEntropy().compute(model, batch(), step(model));
      Loss loss = objective.compute(model, batch(), step(model));
      assertThat(loss.scalars().get("l2-sp")).isCloseTo(expected[0] * EXAMPLES, within(1e-9));
      assertThat(loss.mean()).isCloseTo(plain.mean() + expected[0], within(1e-9));
    }
  }
}
