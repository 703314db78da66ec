package dev.luthier.eval.report;

import dev.luthier.eval.metric.Predictions;
import java.util.List;

/**
 * The systems a report compares, all on the same examples in the same order.
 *
 * @param base the model before tuning
 * @param tuned the model after it
 * @param others what else was tried on the task, such as a classifier without a neural network
 */
public record Compared(Predictions base, Predictions tuned, List<Other> others) {

  /**
   * One more system.
   *
   * @param name as shown
   * @param predictions on the same examples
   */
  public record Other(String name, Predictions predictions) {}
}
