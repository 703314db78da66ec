package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class AdafactorTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Adafactor();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of("defaults", new Adafactor(), "decay", new Adafactor(0.3, 2, 1.2, 0.5, 0.1));
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
