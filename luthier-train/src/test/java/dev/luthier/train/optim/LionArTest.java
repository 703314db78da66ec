package dev.luthier.train.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LionArTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new LionAr();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new LionAr(), "wide", new LionAr(0.3, 1e-4, 0.8));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of("weight:mean", "F32[5, 3]", "bias:mean", "F32[5]");
  }

  @Test
  void every_row_turns_by_the_set_angle_and_keeps_its_length() {
    try (Scope scope = Scope.open()) {
      Trial trial = Trial.of(DType.F64, "weight");
      LionAr optimizer = new LionAr(0.05, 1e-3, 0.9);
      for (int n = 0; n < Trial.STEPS; n++) {
        double factor = n < 10 ? 1 : 0.5;
        Tensor before = trial.copies().get("weight");
        trial.step(optimizer, factor, g -> g);
        Tensor after = trial.copies().get("weight");
        double[] dots = before.mul(after).sum(1).toDoubles();
        double[] long1 = before.mul(before).sum(1).sqrt().toDoubles();
        double[] long2 = after.mul(after).sum(1).sqrt().toDoubles();
        for (int row = 0; row < 5; row++) {
          assertThat(long2[row]).isCloseTo(long1[row], within(1e-12));
          double angle = Math.acos(dots[row] / long1[row] / long2[row]);
          assertThat(angle).isCloseTo(0.05 * factor, within(1e-10));
        }
      }
    }
  }
}
