package dev.luthier.train.rate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The loss over the rates of a sweep.
 *
 * @param points in the order of the rates
 * @param suggested the rate at which the smoothed loss falls the fastest, or null if it never fell
 * @param lowest the rate at which the smoothed loss is the lowest: more than this does harm
 * @param diverged the rate at which the loss left its bounds and the sweep ended, or null if it
 *     came to its end
 */
public record RateCurve(
    List<Point> points, @Nullable Double suggested, double lowest, @Nullable Double diverged) {
  /** The first points are hardly smoothed. */
  private static final int UNSMOOTHED = 3;

  /**
   * One step of a sweep.
   *
   * @param rate that it was made with
   * @param loss of its batch, before the update; not a number where it was not finite
   * @param smoothed mean of the losses so far, of which each counts β times the next
   */
  public record Point(double rate, double loss, double smoothed) {}

  /** Copies the list. */
  public RateCurve {
    points = List.copyOf(points);
  }

  /**
   * Reads a curve.
   *
   * @param points at least one
   */
  static RateCurve of(List<Point> points, @Nullable Double diverged) {
    int lowest = 0;
    for (int i = 1; i < points.size(); i++) {
      lowest = points.get(i).smoothed() < points.get(lowest).smoothed() ? i : lowest;
    }
    return new RateCurve(
        points, steepest(points.subList(0, lowest + 1)), points.get(lowest).rate(), diverged);
  }

  /** Where the loss falls the fastest by the logarithm of the rate, between two neighbours. */
  private static @Nullable Double steepest(List<Point> falling) {
    Double found = null;
    double steepest = 0;
    for (int i = Math.min(UNSMOOTHED, falling.size() - 1); i + 1 < falling.size(); i++) {
      Point before = falling.get(Math.max(0, i - 1));
      Point after = falling.get(i + 1);
      double slope =
          (after.smoothed() - before.smoothed()) / Math.log(after.rate() / before.rate());
      if (slope < steepest) {
        steepest = slope;
        found = falling.get(i).rate();
      }
    }
    return found;
  }

  /** Collects the points of a sweep. */
  static final class Recording {
    private final RateSweep sweep;
    private final List<Point> points = new ArrayList<>();
    private double mean;
    private double least = Double.POSITIVE_INFINITY;
    private @Nullable Double diverged;

    Recording(RateSweep sweep) {
      this.sweep = sweep;
    }

    /**
     * Takes the loss of the next rate.
     *
     * @return whether the sweep goes on
     */
    boolean add(double loss) {
      double rate = sweep.rate(points.size());
      double beta = sweep.smoothing();
      mean = beta * mean + (1 - beta) * loss;
      double smoothed = mean / (1 - Math.pow(beta, points.size() + 1.0));
      if (!(smoothed <= sweep.divergence() * least) && !points.isEmpty()) {
        diverged = rate;
        return false;
      }
      points.add(new Point(rate, loss, smoothed));
      least = Math.min(least, smoothed);
      return points.size() < sweep.steps();
    }

    /** The point of a step, if it counts. */
    Optional<Point> newest(long step) {
      return step < points.size() ? Optional.of(points.get((int) step)) : Optional.empty();
    }

    /** The step had no finite loss or gradient. */
    void diverge() {
      diverged = sweep.rate(points.size());
    }

    boolean isEmpty() {
      return points.isEmpty();
    }

    RateCurve curve() {
      return of(points, diverged);
    }
  }
}
