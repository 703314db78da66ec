package dev.luthier.train.regularizer;

import dev.luthier.model.Model;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.LossContext;
import dev.luthier.train.OtherWeights;
import java.util.List;

/** The exponential average of the weights, kept beside the optimizer's state. */
final class AverageWeights {
  private static final String NAME = "smart-average";

  private AverageWeights() {}

  /**
   * Takes the present weights into the average, once a step however often it is asked, and shows
   * it. Nothing may be recorded that still needs the weights' own values.
   *
   * @param beta what of the average stays
   */
  static OtherWeights show(Model model, LossContext step, double beta) {
    Tensor last = step.optimizer().shared(NAME + "-step", () -> Tensor.of(new double[] {-1}, 1));
    boolean fresh = last.item() < step.number();
    List<Parameter> trained =
        Modules.parameters(model).values().stream().filter(Parameter::trainable).toList();
    OtherWeights shown = OtherWeights.show(trained, p -> average(p, step, fresh ? beta : 1));
    if (fresh) {
      var unused = last.fill((double) step.number());
    }
    return shown;
  }

  private static Tensor average(Parameter p, LossContext step, double beta) {
    Tensor average = step.state(p, NAME, v -> v.to(wide(v)).copy());
    return beta == 1
        ? average
        : average.lerpInPlace(p.value().detach().to(average.dtype()), 1 - beta);
  }

  private static DType wide(Tensor v) {
    return v.dtype() == DType.F64 ? DType.F64 : DType.F32;
  }
}
