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
        "F64[]",
        "weight:largest-rate",
        "F64[]",
        "bias:largest-rate",
        "F64[]");
  }

  @Test
  void what_is_evaluated_is_the_mean_of_the_newest_weights_by_the_largest_rate_so_far() {
    try (Scope scope = Scope.open()) {
      ScheduleFree optimizer = new ScheduleFree(0.01, 0.9, 0.95, 1e-8, 0.1);
      Trial trial = Trial.of(DType.F64, "weight");
      Parameter p = trial.parameters.get("weight");
      assertThat(optimizer.evaluated(p, trial.state)).isNull();
      Tensor mean = Tensor.zeros(DType.F64, 5, 3);
      double weights = 0;
      double largest = 0;
      for (double factor : new double[] {0.2, 0.5, 1, 0.7, 0, 0.1, 0.3}) {
        trial.step(optimizer, factor, g -> g);
        largest = Math.max(largest, factor);
        double weight = largest * largest;
        mean = mean.add(trial.kept("weight:newest").mul(weight));
        weights += weight;
        Tensor x = Objects.requireNonNull(optimizer.evaluated(p, trial.state));
        assertThat(x.toDoubles()).containsExactly(mean.div(weights).toDoubles(), within(1e-12));
      }
    }
  }
}
