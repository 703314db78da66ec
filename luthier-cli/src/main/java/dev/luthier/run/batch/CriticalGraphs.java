package dev.luthier.run.batch;

import dev.luthier.eval.report.Graph;
import dev.luthier.eval.report.Graph.Line;
import dev.luthier.eval.report.Graph.Mark;
import dev.luthier.eval.report.Graph.Point;
import dev.luthier.eval.report.Graph.Quantity;
import dev.luthier.eval.report.Graph.Scale;
import dev.luthier.eval.report.Graph.Style;
import dev.luthier.eval.scaling.PowerLaw;
import dev.luthier.eval.scaling.StepsToTarget;
import dev.luthier.run.batch.CriticalBatch.Found;
import dev.luthier.run.batch.CriticalBatch.Reached;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Draws what it took to come to a target, by the size of the batch. */
public final class CriticalGraphs {
  private static final int CURVE = 24;

  private CriticalGraphs() {}

  /**
   * The steps beside perfect scaling, by which a batch twice as large needs half the steps, and the
   * examples that were seen, which perfect scaling leaves the same.
   */
  public static List<Graph> of(Found found) {
    List<Mark> marks = new ArrayList<>();
    Double critical = found.critical();
    if (critical != null) {
      String name = String.format(Locale.ROOT, "critical batch %.1f", critical);
      marks.add(new Mark(name, critical));
    }
    return List.of(
        new Graph(
            "Steps to the target",
            BatchGraphs.BATCH,
            new Quantity("steps", Scale.DOUBLING),
            lines(found, batch -> 1),
            marks),
        new Graph(
            "Examples to the target",
            BatchGraphs.BATCH,
            new Quantity("examples seen", Scale.DOUBLING),
            lines(found, batch -> batch),
            marks));
  }

  /**
   * How the critical batch grows with the data.
   *
   * @param law fitted to the searches
   */
  public static Graph of(List<Found> searches, PowerLaw law) {
    List<Point> points = new ArrayList<>();
    for (Found found : searches) {
      Double critical = found.critical();
      points.add(new Point(found.examples(), critical == null ? Double.NaN : critical));
    }
    points.sort(Comparator.comparingDouble(Point::x));
    double from = points.get(0).x();
    double to = points.get(points.size() - 1).x();
    return new Graph(
        "Critical batch by the data",
        new Quantity("training examples", Scale.DOUBLING),
        new Quantity("critical batch, examples", Scale.DOUBLING),
        List.of(
            new Line("critical batch", Style.MEASURED, points),
            new Line("power law", Style.FIT, curve(from, to, law::at))),
        List.of());
  }

  /** Steps, each counted as so many as its batch is worth. */
  private static List<Line> lines(Found found, DoubleUnaryOperator worth) {
    List<Line> lines = new ArrayList<>();
    List<Reached> there =
        found.reached().stream()
            .filter(r -> r.steps() != null)
            .sorted(Comparator.comparingInt(Reached::batch))
            .toList();
    lines.add(
        new Line(
            "measured",
            Style.MEASURED,
            there.stream()
                .map(r -> new Point(r.batch(), steps(r.steps()) * worth.applyAsDouble(r.batch())))
                .toList()));
    if (there.isEmpty()) {
      return lines;
    }
    Reached first = there.get(0);
    double from = first.batch();
    double to = there.get(there.size() - 1).batch();
    double seen = from * steps(first.steps());
    lines.add(
        new Line(
            "perfect scaling",
            Style.GUIDE,
            curve(from, to, b -> seen / b * worth.applyAsDouble(b))));
    StepsToTarget fit = found.fit();
    if (fit != null) {
      lines.add(
          new Line("fit", Style.FIT, curve(from, to, b -> fit.at(b) * worth.applyAsDouble(b))));
    }
    return lines;
  }

  private static double steps(@Nullable Double steps) {
    return steps == null ? Double.NaN : steps;
  }

  private static List<Point> curve(double from, double to, DoubleUnaryOperator y) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= CURVE; i++) {
      double x = from * Math.pow(to / from, i / (double) CURVE);
      points.add(new Point(x, y.applyAsDouble(x)));
    }
    return points;
  }
}
