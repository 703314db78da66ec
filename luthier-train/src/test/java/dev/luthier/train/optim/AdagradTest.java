package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class AdagradTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Adagrad();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Adagrad(), "decay", new Adagrad(0.05, 1e-6, 0.1, 0.1));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of("weight:sum", "F32[5, 3]", "bias:sum", "F32[5]");
  }
}
