package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class AdaLomoTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new AdaLomo();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new AdaLomo(), "decay", new AdaLomo(0.1, 2, 0.7, 0.5, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:row-squares",
        "F32[5, 1]",
        "weight:column-squares",
        "F32[1, 3]",
        "bias:square",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }
}
