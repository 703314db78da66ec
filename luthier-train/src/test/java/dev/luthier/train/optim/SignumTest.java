package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class SignumTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Signum();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Signum(), "decay", new Signum(1e-2, 0.8, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of("weight:mean", "F32[5, 3]", "bias:mean", "F32[5]");
  }
}
