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

  /** Numbers to draw: step and value of each. */
  record Series(String name, String style, List<double[]> points) {
    Series {
      points = thinned(points);
    }
  }

  /** The charts that the points have numbers for. */
  static List<LineChart> of(Curve curve) {
    List<LineChart> charts = new ArrayList<>();
    add(
        charts,
        "Loss",
        List.of(
            new Series("training", "base", points(curve, Point::trainLoss)),
            new Series("validation", "tuned", points(curve, Point::validationLoss))));
    add(
        charts,
        "Validation " + curve.metric(),
        List.of(new Series(curve.metric(), "tuned", points(curve, Point::validationMetric))));
    add(
        charts,
        "Learning rate",
        List.of(new Series("learning rate", "good", points(curve, Point::learningRate))));
    return charts;
  }

  /** For each quantity that was measured of layers the lowest, middle and highest of them. */
  static List<LineChart> of(Watching watching) {
    List<LineChart> charts = new ArrayList<>();
    for (String quantity : watching.quantities()) {
      List<double[]> low = new ArrayList<>();
      List<double[]> middle = new ArrayList<>();
      List<double[]> high = new ArrayList<>();
      for (Watching.LayerPoint point : watching.layers()) {
        List<Double> values = Watching.at(point, quantity).values().stream().sorted().toList();
        if (!values.isEmpty()) {
          low.add(new double[] {point.step(), values.get(0)});
          middle.add(new double[] {point.step(), values.get(values.size() / 2)});
          high.add(new double[] {point.step(), values.get(values.size() - 1)});
        }
      }
      add(
          charts,
          quantity,
          List.of(
              new Series("highest layer", "tuned", high),
              new Series("middle", "base", middle),
              new Series("lowest", "good", low)));
    }
    return charts;
  }

  private static void add(List<LineChart> charts, String title, List<Series> series) {
    List<Series> taken = series.stream().filter(s -> !s.points().isEmpty()).toList();
    if (!taken.isEmpty()) {
      charts.add(chart(title, taken));
    }
  }

  private static LineChart chart(String title, List<Series> series) {
    double low = 0;
    double high = Double.NEGATIVE_INFINITY;
    double first = Double.POSITIVE_INFINITY;
    double last = Double.NEGATIVE_INFINITY;
    for (Series one : series) {
      for (double[] xy : one.points()) {
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
      lines.add(line(one, one.points(), x, y));
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

  /** Step and value of each point that has one. */
  private static List<double[]> points(Curve curve, ToDoubleFunction<Point> value) {
    List<double[]> all = new ArrayList<>();
    for (Point point : curve.points()) {
      if (Double.isFinite(value.applyAsDouble(point))) {
        all.add(new double[] {point.step(), value.applyAsDouble(point)});
      }
    }
    return all;
  }

  /** Of many points, means of neighbours. */
  private static List<double[]> thinned(List<double[]> all) {
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
