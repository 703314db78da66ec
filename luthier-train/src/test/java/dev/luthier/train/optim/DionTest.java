package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class DionTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Dion();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("low", new Dion(1e-2, 0.9, 0.5, 0.1, 100));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:momentum",
        "F32[5, 3]",
        "weight:basis",
        "F32[3, 1]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 1e-5; // an orthonormalization in each step
  }
}
