package dev.luthier.run.rate;

import dev.luthier.eval.report.Graph;
import dev.luthier.eval.report.Graph.Line;
import dev.luthier.eval.report.Graph.Mark;
import dev.luthier.eval.report.Graph.Point;
import dev.luthier.eval.report.Graph.Quantity;
import dev.luthier.eval.report.Graph.Scale;
import dev.luthier.eval.report.Graph.Style;
import dev.luthier.train.rate.RateCurve;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Draws the loss over the rates of a sweep. */
public final class RateGraph {
  private RateGraph() {}

  /**
   * The smoothed loss, with the rate that is suggested and the one where the sweep diverged. What
   * rises far beyond the loss of the start is not drawn, since it would leave no room for the fall.
   */
  public static Graph of(RateCurve curve) {
    double top = top(curve);
    List<Point> points =
        curve.points().stream()
            .filter(p -> p.rate() <= curve.lowest() || p.smoothed() <= top)
            .map(p -> new Point(p.rate(), p.smoothed()))
            .toList();
    List<Mark> marks = new ArrayList<>();
    mark(marks, "suggested", curve.suggested());
    mark(marks, "diverges at", curve.diverged());
    return new Graph(
        "Learning rate",
        new Quantity("learning rate", Scale.DECADES),
        new Quantity("smoothed loss", Scale.LINEAR),
        List.of(new Line("loss", Style.MEASURED, points)),
        marks);
  }

  /** Above the highest loss before the lowest by half of the fall between the two. */
  private static double top(RateCurve curve) {
    DoubleSummaryStatistics falling =
        curve.points().stream()
            .filter(p -> p.rate() <= curve.lowest())
            .mapToDouble(RateCurve.Point::smoothed)
            .summaryStatistics();
    double fall = falling.getMax() - falling.getMin();
    return fall > 0 ? falling.getMax() + fall / 2 : Double.POSITIVE_INFINITY;
  }

  private static void mark(List<Mark> to, String what, @Nullable Double rate) {
    if (rate != null) {
      to.add(new Mark(String.format(Locale.ROOT, "%s %.2g", what, rate), rate));
    }
  }
}
