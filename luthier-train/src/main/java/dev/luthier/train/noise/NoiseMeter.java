package dev.luthier.train.noise;

import dev.luthier.model.nn.Parameter;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stands in the place of an optimizer, updates nothing, and measures the noise of the gradients of
 * the batches that pass. Needs no clipping before it, and batches of one size in random order.
 * Holds one more tensor per parameter until it is closed.
 */
public final class NoiseMeter implements GradientTransform, AutoCloseable {
  private final List<Double> squares = new ArrayList<>();
  private final Map<Parameter, Tensor> sums = new LinkedHashMap<>();

  @Override
  public void prepare(Gradients gradients, StepContext step) {
    squares.add(Math.pow(gradients.norm(), 2));
  }

  @Override
  public boolean needsAllGradients() {
    return true;
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    gradients.update(
        group,
        (p, g) ->
            sums.computeIfAbsent(p, q -> Tensor.zeros(q.value().dtype(), q.shape()).keep())
                .addInPlace(g));
  }

  /**
   * What was measured.
   *
   * @param batch examples of each batch
   */
  public NoiseScale scale(int batch) {
    double ofSum = 0;
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      for (Tensor sum : sums.values()) {
        ofSum += Math.pow(sum.norm().item(), 2);
      }
    }
    double n = squares.size();
    return NoiseScale.of(squares.stream().mapToDouble(s -> s).toArray(), ofSum / (n * n), batch);
  }

  @Override
  public void close() {
    sums.values().forEach(Tensor::close);
    sums.clear();
  }
}
