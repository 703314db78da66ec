package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.testing.Proves;
import dev.luthier.train.GradientTransform;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NanoAdamTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new NanoAdam();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "some",
        new NanoAdam(1e-1, 0.4, 0.4, 100, 4, 0.9, 0.99, 1e-6, 0.1),
        "falling",
        new NanoAdam(1e-1, 0.8, 0.2, 3, 4, 0.9, 0.99, 1e-6, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:part-mean",
        "F32[2]",
        "weight:part-square",
        "F32[2]",
        "weight:chosen",
        "I64[2]",
        "weight:count",
        "F32[]",
        "bias:part-mean",
        "F32[1]",
        "bias:part-square",
        "F32[1]",
        "bias:chosen",
        "I64[1]",
        "bias:count",
        "F32[]");
  }

  @Test
  @Proves("p-nanoadam")
  void the_choice_is_made_anew_every_period_and_the_large_weights_stay_to_the_bit() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32, "weight");
      NanoAdam optimizer = new NanoAdam(0.3, 0.2, 0.2, 50, 3, 0.9, 0.99, 1e-8, 0.1);
      double[] sizes = new double[0];
      for (int n = 0; n < Trial.STEPS; n++) {
        double[] before = trial.value("weight");
        if (n % 3 == 0) {
          sizes = Arrays.stream(before).map(Math::abs).toArray();
        }
        double bound = Arrays.stream(sizes).sorted().toArray()[2];
        double[] after = trial.step(optimizer).value("weight");
        for (int i = 0; i < before.length; i++) {
          assertThat(after[i] != before[i]).isEqualTo(sizes[i] <= bound);
        }
        assertThat(trial.kept("weight:part-mean").count()).isEqualTo(3);
      }
    }
  }

  @Test
  void the_state_shrinks_with_the_density() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F32, "weight");
      NanoAdam optimizer = new NanoAdam(1e-2, 0.8, 0.2, 5, 100, 0.9, 0.99, 1e-6, 0);
      long[] kept = new long[Trial.STEPS];
      for (int n = 0; n < Trial.STEPS; n++) {
        trial.step(optimizer);
        kept[n] = trial.kept("weight:part-mean").count();
        assertThat(trial.kept("weight:chosen").count()).isEqualTo(kept[n]);
      }
      // Of 15: 0.8, 0.65, 0.5 and 0.35.
      assertThat(kept).startsWith(12, 12, 12, 12, 12, 10, 10, 10, 10, 10, 8, 8, 8, 8, 8, 5);
    }
  }

  @Test
  void the_large_weights_stay() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F64, "weight");
      double[] before = trial.value("weight");
      double[] after =
          trial.step(new NanoAdam(1e-3, 0.2, 0.2, 50, 5, 0.9, 0.99, 1e-8, 0.1)).value("weight");
      double[] sizes = Arrays.stream(before).map(Math::abs).sorted().toArray();
      for (int i = 0; i < before.length; i++) {
        assertThat(after[i] != before[i]).isEqualTo(Math.abs(before[i]) <= sizes[2]);
      }
    }
  }
}
