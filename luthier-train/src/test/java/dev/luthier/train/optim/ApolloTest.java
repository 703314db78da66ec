package dev.luthier.train.optim;

import dev.luthier.train.GradientTransform;
import java.util.Map;

class ApolloTest extends OptimizerContract {
  @Override
  protected GradientTransform subject() {
    return new Apollo();
  }

  @Override
  protected Map<String, GradientTransform> cases() {
    return Map.of(
        "channels",
        new Apollo(1e-2, 2, 200, 1, false, 1.01, 0.9, 0.99, 1e-8, 0.1),
        "mini",
        new Apollo(1e-2, 2, 200, 3, true, 1.5, 0.9, 0.99, 1e-8, 0));
  }

  @Override
  protected Map<String, String> state() {
    return Map.of(
        "weight:part-mean",
        "F32[8, 5]",
        "weight:part-square",
        "F32[8, 5]",
        "weight:projection",
        "F32[8, 3]",
        "weight:norm",
        "F32[]",
        "weight:count",
        "F32[]",
        "bias:mean",
        "F32[5]",
        "bias:square",
        "F32[5]",
        "bias:count",
        "F32[]");
  }

  @Override
  protected double closeness() {
    return 1e-5; // quotients of norms
  }
}
