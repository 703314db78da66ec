package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class LambTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Lamb();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Lamb(), "decay", new Lamb(0.1, 0.8, 0.95, 1e-4, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:square",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }
}
