package dev.luthier.train.peft;

import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.tensor.io.TensorFile;
import dev.luthier.train.Gradients;
import dev.luthier.train.LossContext;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import dev.luthier.train.optim.AdamW;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Some steps of training on golden inputs.
 *
 * @param losses before each step
 * @param state what the optimizer has kept
 */
record Practice(List<Double> losses, OptimizerState state) {

  /** Makes some steps of AdamW on the golden inputs of a folder. */
  static Practice of(Pretrained model, String golden, int steps, boolean dropout) {
    List<ParameterGroup> groups = ParameterGroup.byShape(Modules.parameters(model.model()));
    Map<String, Parameter> trained = new TreeMap<>();
    groups.forEach(g -> trained.putAll(g.parameters()));
    OptimizerState state = new OptimizerState(trained);
    AdamW optimizer = new AdamW(2e-2, 0.9, 0.999, 1e-8, 0.01);
    List<Double> losses = new ArrayList<>();
    try (TensorFile file = GoldenAdapter.of(golden).values()) {
      for (int n = 0; n < steps; n++) {
        StepContext step = new StepContext(n, steps, 0, 1, Rng.Key.of(3).with(n), state);
        try (Scope scope = Scope.open()) {
          losses.add(
              backward(model, file, dropout ? new LossContext(step).pass() : Pass.EVALUATION));
          Gradients gradients = Gradients.collect(groups);
          groups.forEach(g -> optimizer.apply(g, gradients, step));
          gradients.clear();
        }
      }
    }
    return new Practice(losses, state);
  }

  private static double backward(Pretrained model, TensorFile file, Pass pass) {
    Tensor logits = model.model().forward(GoldenAdapter.tokens(file), pass).requireLogits();
    Tensor loss = Functional.crossEntropySum(logits, file.tensor("labels"), null, 0);
    loss.backward();
    return loss.item();
  }

  double first() {
    return losses.get(0);
  }

  double last() {
    return losses.get(losses.size() - 1);
  }
}
