package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class SophiaTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Sophia();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Sophia(), "often", new Sophia(1e-2, 0.9, 0.9, 10, 1e-6, 3, 0.2));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:hessian",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "bias:hessian",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }
}
