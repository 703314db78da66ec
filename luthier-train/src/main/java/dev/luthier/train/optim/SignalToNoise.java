package dev.luthier.train.optim;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.StepContext;

/**
 * How much smaller an update of a fixed length should be where the gradients of a batch agree, so
 * that what a layer makes of its inputs changes by as much as where they do not.
 *
 * <p>An update of a fixed length along the gradient of B examples changes the outputs for these
 * examples in proportion to √(φ + 1/B), φ being the signal-to-noise ratio of the gradient of one
 * example (Kosson et al. 2024, section 5). It is multiplied by what undoes that, as φ changes:
 *
 * <pre>
 *   s = √((1/B) / (φ + 1/B)) = √(N / (S + N))     S = ‖E[g]‖²,   N = E‖g - E[g]‖² of the batch
 * </pre>
 *
 * <p>Both are estimated over time, with the averages m of g and v of ‖g‖² that share a decay β:
 *
 * <pre>
 *   E[v / (1 - βᵗ)] = S + N,   E‖m / (1 - βᵗ)‖² = S + ν N,   ν = (1-β)(1+βᵗ) / ((1+β)(1-βᵗ))
 * </pre>
 */
final class SignalToNoise {
  private SignalToNoise() {}

  /**
   * s, at least the floor; the floor at the first step, at which nothing is known of the noise, and
   * where there has been no gradient.
   *
   * @param g the gradient
   * @param m its average, this step included, which began at zero
   * @param beta β of that average, above 0
   */
  static double scale(
      Parameter p, Tensor g, Tensor m, double beta, double floor, StepContext step) {
    double t = Moments.count(p, step);
    double all =
        step.state(p, "square-norm", x -> Tensor.zeros(DType.F32))
            .mulInPlace(beta)
            .addInPlace(Math.pow(g.norm().item(), 2) * (1 - beta))
            .item();
    double weight = Moments.unbias(beta, t);
    double mean = Math.pow(m.norm().item() / weight, 2);
    double nu = (1 - beta) * (1 + Math.pow(beta, t)) / ((1 + beta) * weight);
    if (t < 2 || !(all > 0)) {
      return floor;
    }
    double noise = (1 - mean / (all / weight)) / (1 - nu);
    return Math.sqrt(Math.min(1, Math.max(floor * floor, noise)));
  }
}
