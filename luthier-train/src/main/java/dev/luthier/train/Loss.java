package dev.luthier.train;

import dev.luthier.model.Outputs;
import dev.luthier.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A loss as a sum and its weight, never a mean: the losses of the parts of a batch add up, and the
 * trainer divides once, by the weight of the whole batch.
 *
 * @param sum the summed loss, a scalar with gradient history
 * @param weight what to divide the sum by for the mean: examples, or supervised tokens
 * @param scalars named parts of the sum, for the log
 * @param outputs what the model gave, or null once forgotten
 */
public record Loss(
    Tensor sum, double weight, Map<String, Double> scalars, @Nullable Outputs outputs) {
  /** A loss without named parts. */
  public Loss(Tensor sum, double weight, Outputs outputs) {
    this(sum, weight, Map.of(), outputs);
  }

  /** The sum of two losses, which must be over different examples or tokens. */
  public Loss plus(Loss other) {
    Map<String, Double> both = new TreeMap<>(scalars);
    other.scalars.forEach((k, v) -> both.merge(k, v, Double::sum));
    return new Loss(sum.add(other.sum), weight + other.weight, both, outputs);
  }

  /** The same numbers without gradient history and outputs. */
  public Loss detached() {
    return new Loss(sum.detach(), weight, scalars, null);
  }

  /** The mean loss. */
  public double mean() {
    return sum.item() / weight;
  }
}
