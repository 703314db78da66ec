package dev.luthier.eval.report;

import java.util.List;

/**
 * The course of a training.
 *
 * @param metric the name of the validation metric, or an empty string where none was taken
 * @param points in the order of their steps
 */
public record Curve(String metric, List<Point> points) {

  /** Copies the list. */
  public Curve {
    points = List.copyOf(points);
  }

  /**
   * What was known at one step. A number that was not taken there is NaN.
   *
   * @param step optimizer steps done
   * @param epoch passes over the data done, with its fraction
   * @param trainLoss loss per unit of weight on the training batches since the last point
   * @param validationLoss the same on the validation split
   * @param learningRate of the step
   * @param validationMetric on the validation split
   */
  public record Point(
      long step,
      double epoch,
      double trainLoss,
      double validationLoss,
      double learningRate,
      double validationMetric) {}
}
