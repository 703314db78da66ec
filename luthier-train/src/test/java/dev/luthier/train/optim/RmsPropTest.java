package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class RmsPropTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new RmsProp();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "defaults",
        new RmsProp(),
        "momentum",
        new RmsProp(1e-2, 0.9, 1e-6, 0.8, false, 0.1),
        "centered",
        new RmsProp(1e-2, 0.95, 1e-8, 0, true, 0));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of("weight:square", "F32[5, 3]", "bias:square", "F32[5]");
  }
}
