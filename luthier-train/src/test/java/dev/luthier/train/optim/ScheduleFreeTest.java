package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ScheduleFreeTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new ScheduleFree();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "defaults", new ScheduleFree(), "decay", new ScheduleFree(1e-2, 0.8, 0.95, 1e-4, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:newest",
        "F32[5, 3]",
        "weight:square",
        "F32[5, 3]",
        "bias:newest",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]",
        "weight:weight",
        "F64[]",
        "bias:weight",
        "F64[]");
  }

  @Test
  void what_is_evaluated_is_the_weighted_mean_of_the_newest_weights() {
    try (Scope scope = Scope.open()) {
      ScheduleFree optimizer = new ScheduleFree(0.01, 0.9, 0.95, 1e-8, 0.1);
      Trial trial = Trial.of(DType.F64, "weight");
      Parameter p = trial.parameters.get("weight");
      assertThat(optimizer.evaluated(p, trial.state)).isNull();
      Tensor mean = Tensor.zeros(DType.F64, 5, 3);
      double weights = 0;
      for (int n = 1; n <= 10; n++) {
        trial.step(optimizer);
        double weight = 1 - Math.pow(0.95, n);
        mean = mean.add(trial.kept("weight:newest").mul(weight));
        weights += weight;
        Tensor x = Objects.requireNonNull(optimizer.evaluated(p, trial.state));
        assertThat(x.toDoubles()).containsExactly(mean.div(weights).toDoubles(), within(1e-12));
      }
    }
  }
}
