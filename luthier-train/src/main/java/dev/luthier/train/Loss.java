package dev.luthier.train;

import dev.luthier.model.Outputs;
import dev.luthier.tensor.DType;
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

  /**
   * This loss and a further part of its sum.
   *
   * @param name for the log
   * @param term a scalar: a sum over the same examples, or what there is once in a run, times the
   *     weight
   */
  public Loss adding(String name, Tensor term) {
    Map<String, Double> named = new TreeMap<>(scalars);
    named.merge(name, term.detach().item(), Double::sum);
    return new Loss(sum.add(term), weight, named, outputs);
  }

  /** This loss times a factor; its weight stays. */
  public Loss times(double factor) {
    Map<String, Double> named = new TreeMap<>();
    scalars.forEach((k, v) -> named.put(k, factor * v));
    return new Loss(sum.mul(factor), weight, named, outputs);
  }

  /**
   * The logits that this loss was computed from, float32 or wider.
   *
   * @param who asks, for the message
   * @throws TrainingException if the loss was not computed from logits
   */
  public Tensor logits(String who) {
    Tensor logits = outputs == null ? null : outputs.logits();
    if (logits == null) {
      throw new TrainingException(
          who + " compares the answers of a head, and this objective or model gives none");
    }
    return logits.dtype() == DType.F64 ? logits : logits.to(DType.F32);
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
