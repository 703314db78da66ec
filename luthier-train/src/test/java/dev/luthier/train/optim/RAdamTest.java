package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class RAdamTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new RAdam();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new RAdam(), "short", new RAdam(1e-2, 0.8, 0.9, 1e-6, 0.1));
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
