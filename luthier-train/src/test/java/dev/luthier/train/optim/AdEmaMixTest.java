package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class AdEmaMixTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new AdEmaMix();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "defaults",
        new AdEmaMix(),
        "ramped",
        new AdEmaMix(1e-2, 0.8, 0.95, 0.99, 3, 0.5, 1e-6, 0.1),
        "flat",
        new AdEmaMix(1e-2, 0.9, 0.95, 0.99, 2, 0, 1e-6, 0),
        "from-none",
        new AdEmaMix(1e-2, 0, 0.95, 0.99, 2, 2, 1e-6, 0));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:mean",
        "F32[5, 3]",
        "weight:slow",
        "F32[5, 3]",
        "weight:square",
        "F32[5, 3]",
        "bias:mean",
        "F32[5]",
        "bias:slow",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "weight:count",
        "F32[]",
        "bias:count",
        "F32[]");
  }
}
