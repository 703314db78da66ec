package dev.luthier.eval.report;

import dev.luthier.eval.report.Curve.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Numbers over the steps of a training.
 *
 * @param title what is drawn
 * @param xTicks marks of the step axis
 * @param yTicks marks of the value axis
 * @param lines one for each number
 */
record LineChart(String title, List<Axis.Tick> xTicks, List<Axis.Tick> yTicks, List<Line> lines) {
  private static final double LEFT = 48;
  private static final double RIGHT = 350;
  private static final double TOP = 12;
  private static final double BOTTOM = 190;
  private static final int MOST_POINTS = 300;
  private static final int DOTS_UP_TO = 24;

  /** One line: its name, its style and its path; with dots where points are few. */
  record Line(String name, String style, String path, List<Dot> dots) {}

  /** A point marked on a line. */
  record Dot(String x, String y, String says) {}

  /** A number to draw. */
  record Series(String name, String style, ToDoubleFunction<Point> value) {}

  /** The charts that the points have numbers for. */
  static List<LineChart> of(Curve curve) {
    List<LineChart> charts = new ArrayList<>();
    add(
        charts,
        curve,
        "Loss",
        List.of(
            new Series("training", "base", Point::trainLoss),
            new Series("validation", "tuned", Point::validationLoss)));
    add(
        charts,
        curve,
        "Validation " + curve.metric(),
        List.of(new Series(curve.metric(), "tuned", Point::validationMetric)));
    add(
        charts,
        curve,
        "Learning rate",
        List.of(new Series("learning rate", "good", Point::learningRate)));
    return charts;
  }

  private static void add(List<LineChart> charts, Curve curve, String title, List<Series> series) {
    List<Series> taken = series.stream().filter(s -> !points(curve, s.value()).isEmpty()).toList();
    if (!taken.isEmpty()) {
      charts.add(chart(curve, title, taken));
    }
  }

  private static LineChart chart(Curve curve, String title, List<Series> series) {
    double low = 0;
    double high = Double.NEGATIVE_INFINITY;
    double first = Double.POSITIVE_INFINITY;
    double last = Double.NEGATIVE_INFINITY;
    for (Series one : series) {
      for (double[] xy : points(curve, one.value())) {
        first = Math.min(first, xy[0]);
        last = Math.max(last, xy[0]);
        low = Math.min(low, xy[1]);
        high = Math.max(high, xy[1]);
      }
    }
    Axis x = Axis.around(Math.min(first, 0), last, LEFT, RIGHT);
    Axis y = Axis.around(low, low == high ? low + 1 : high, BOTTOM, TOP).toRoundEnds(5);
    List<Line> lines = new ArrayList<>();
    for (Series one : series) {
      lines.add(line(one, points(curve, one.value()), x, y));
    }
    return new LineChart(title, x.ticks(5), y.ticks(5), lines);
  }

  private static Line line(Series series, List<double[]> points, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    List<Dot> dots = new ArrayList<>();
    for (double[] xy : points) {
      path.append(path.isEmpty() ? 'M' : 'L').append(x.at(xy[0])).append(' ').append(y.at(xy[1]));
      if (points.size() <= DOTS_UP_TO) {
        String says = "step %s: %s".formatted(Numbers.plain(xy[0]), Numbers.significant(xy[1], 4));
        dots.add(new Dot(x.at(xy[0]), y.at(xy[1]), says));
      }
    }
    return new Line(series.name(), series.style(), path.toString(), dots);
  }

  /** Step and value of each point that has one; of many points, means of neighbours. */
  private static List<double[]> points(Curve curve, ToDoubleFunction<Point> value) {
    List<double[]> all = new ArrayList<>();
    for (Point point : curve.points()) {
      if (Double.isFinite(value.applyAsDouble(point))) {
        all.add(new double[] {point.step(), value.applyAsDouble(point)});
      }
    }
    int together = (all.size() + MOST_POINTS - 1) / MOST_POINTS;
    if (together <= 1) {
      return all;
    }
    List<double[]> means = new ArrayList<>();
    for (int from = 0; from < all.size(); from += together) {
      List<double[]> some = all.subList(from, Math.min(all.size(), from + together));
      means.add(
          new double[] {
            some.stream().mapToDouble(p -> p[0]).average().orElseThrow(),
            some.stream().mapToDouble(p -> p[1]).average().orElseThrow()
          });
    }
    return means;
  }
}
