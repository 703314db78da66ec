package dev.luthier.train;

import dev.luthier.model.Model;
import java.util.List;

/**
 * The numbers that a run computes with and keeps its weights in.
 *
 * <p>In every precision the following are float32: norms, softmax, the sums along the residual
 * stream, losses, vectors (biases and the weights of norms) and the optimizer's state.
 */
public interface Precision {
  /**
   * Has a model compute in this precision. Called once its adaptations are applied; calling it
   * again changes nothing.
   *
   * @return what was done to the weights, one line each, for people
   */
  List<String> apply(Model model);

  /** The optimizer, which sees float32 parameters and gradients, whatever the weights are. */
  default GradientTransform around(GradientTransform optimizer) {
    return optimizer;
  }

  /**
   * What losses are multiplied by before they are differentiated.
   *
   * @param state keeps the factor between steps
   */
  default LossScale lossScale(OptimizerState state) {
    return LossScale.NONE;
  }
}
