package dev.luthier.train.diagnosis;

import java.util.List;
import java.util.Optional;

/**
 * Overfitting: the validation loss rises while the training loss goes on falling, from the onset on
 * (the generalisation loss of Prechelt 1998, "Early stopping, but when?").
 *
 * @param onset the epoch of the lowest validation loss
 * @param lowest that loss
 * @param now the validation loss at the last evaluation
 * @param trainingThen the training loss up to the onset
 * @param trainingNow the training loss up to the last evaluation
 */
public record Overfit(
    double onset, double lowest, double now, double trainingThen, double trainingNow) {

  /**
   * An evaluation.
   *
   * @param epoch passes over the data done, with their fraction
   * @param training mean training loss since the evaluation before
   * @param validation loss on the validation data
   */
  public record Point(double epoch, double training, double validation) {}

  /**
   * Judges a training by its evaluations.
   *
   * @param points in order
   * @param patience how many evaluations in a row must lie above the lowest
   * @param rise by which part of it, at least 0
   * @return empty where it does not overfit, or not for so long
   */
  public static Optional<Overfit> of(List<Point> points, int patience, double rise) {
    int onset = 0;
    for (int i = 1; i < points.size(); i++) {
      onset = points.get(i).validation() < points.get(onset).validation() ? i : onset;
    }
    if (points.size() - 1 - onset < patience) {
      return Optional.empty();
    }
    Point best = points.get(onset);
    Point last = points.get(points.size() - 1);
    double bound = best.validation() + rise * Math.abs(best.validation());
    boolean risen =
        points.subList(points.size() - patience, points.size()).stream()
            .allMatch(p -> p.validation() > bound);
    return risen && last.training() < best.training()
        ? Optional.of(
            new Overfit(
                best.epoch(),
                best.validation(),
                last.validation(),
                best.training(),
                last.training()))
        : Optional.empty();
  }
}
