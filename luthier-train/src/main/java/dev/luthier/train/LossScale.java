package dev.luthier.train;

import java.util.List;
import java.util.Map;

/**
 * What losses are multiplied by, so that small gradients are not lost in a narrow format. Gradients
 * are divided by it again before anybody sees them.
 */
public interface LossScale {
  /** No scaling: every step counts, and a gradient that is not finite is an error. */
  LossScale NONE =
      new LossScale() {
        @Override
        public double factor() {
          return 1;
        }

        @Override
        public boolean accepts(Gradients gradients, StepContext step, List<Long> rows) {
          gradients.requireFinite(gradients.norm(), step, rows);
          return true;
        }

        @Override
        public Map<String, Double> scalars() {
          return Map.of();
        }
      };

  /** The present factor. */
  double factor();

  /**
   * Looks at a step's gradients and adjusts the factor for the next.
   *
   * @param rows the rows of the batch, for messages
   * @return whether the step counts; if not, it is skipped
   * @throws NonFiniteException if no factor could have helped
   */
  boolean accepts(Gradients gradients, StepContext step, List<Long> rows);

  /** What the log should know, by name. */
  Map<String, Double> scalars();
}
