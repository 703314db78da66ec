package dev.luthier.train.regularizer;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.StepContext;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The exponential average of the weights, kept beside the optimizer's state. While open, what is
 * trained has the average's values; then its own again, to the bit.
 */
final class AverageWeights implements AutoCloseable {
  private static final String NAME = "smart-average";

  private final Map<Parameter, Tensor> own;

  private AverageWeights(Map<Parameter, Tensor> own) {
    this.own = own;
  }

  /**
   * Takes the present weights into the average, once a step however often it is asked, and shows
   * it. Nothing may be recorded that still needs the weights' own values.
   *
   * @param beta what of the average stays
   */
  static AverageWeights show(Model model, StepContext step, double beta) {
    Tensor last = step.optimizer().shared(NAME + "-step", () -> Tensor.of(new double[] {-1}, 1));
    boolean fresh = last.item() < step.number();
    Map<Parameter, Tensor> own = new LinkedHashMap<>();
    for (Parameter p : Modules.parameters(model).values()) {
      if (p.trainable()) {
        try (Scope scope = Scope.open()) {
          Tensor now = p.value().detach();
          Tensor average = step.state(p, NAME, v -> v.to(wide(v)).copy());
          if (fresh) {
            var unused = average.lerpInPlace(now.to(average.dtype()), 1 - beta);
          }
          own.put(p, now.copy().keep());
          var unused = p.value().copyFrom(average);
        }
      }
    }
    if (fresh) {
      var unused = last.fill((double) step.number());
    }
    return new AverageWeights(own);
  }

  private static DType wide(Tensor v) {
    return v.dtype() == DType.F64 ? DType.F64 : DType.F32;
  }

  @Override
  public void close() {
    own.forEach(
        (p, value) -> {
          var unused = p.value().copyFrom(value);
          value.close();
        });
  }
}
