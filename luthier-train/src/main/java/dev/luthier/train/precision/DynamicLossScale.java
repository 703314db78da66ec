package dev.luthier.train.precision;

import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Gradients;
import dev.luthier.train.LossScale;
import dev.luthier.train.OptimizerState;
import dev.luthier.train.StepContext;
import java.util.List;
import java.util.Map;

/**
 * A factor that finds its own size: an overflow halves it and skips the step, a number of steps
 * without one doubles it. The factor and the count of steps are kept with the optimizer's state.
 *
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al. 2017, section 3.2</a>
 */
final class DynamicLossScale implements LossScale {
  /** Below this the gradient overflows for another reason. */
  private static final double LEAST = 0x1p-24;

  private static final double MOST = 0x1p40;

  private final double first;
  private final int interval;
  private final OptimizerState state;

  DynamicLossScale(double first, int interval, OptimizerState state) {
    this.first = first;
    this.interval = interval;
    this.state = state;
  }

  /** Factor, and steps without an overflow since it last changed; float64. */
  private Tensor kept() {
    return state.shared("loss-scale", () -> Tensor.of(new double[] {first, 0}, 2));
  }

  @Override
  public double factor() {
    return kept().toDoubles()[0];
  }

  @Override
  public boolean accepts(Gradients gradients, StepContext step, List<Long> rows) {
    double[] now = kept().toDoubles();
    boolean fits = Double.isFinite(gradients.norm());
    if (!fits && now[0] / 2 < LEAST) {
      gradients.requireFinite(gradients.norm(), step, rows);
    }
    double good = fits ? now[1] + 1 : 0;
    boolean grows = good >= interval && now[0] * 2 <= MOST;
    double factor = fits ? (grows ? now[0] * 2 : now[0]) : now[0] / 2;
    try (Scope scope = Scope.open()) {
      kept().copyFrom(Tensor.of(new double[] {factor, grows ? 0 : good}, 2));
    }
    return fits;
  }

  @Override
  public Map<String, Double> scalars() {
    return Map.of("loss-scale", factor());
  }
}
