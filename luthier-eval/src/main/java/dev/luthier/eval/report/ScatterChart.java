package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Predicted values over true ones.
 *
 * @param title whose
 * @param style of the points
 * @param xTicks marks of the axis of true values
 * @param yTicks marks of the axis of predicted values
 * @param from one end of the line on which predicted and true are equal
 * @param to the other end, across
 * @param fromY the first end, upwards
 * @param toY the other end, upwards
 * @param points the examples
 */
record ScatterChart(
    String title,
    String style,
    List<Axis.Tick> xTicks,
    List<Axis.Tick> yTicks,
    String from,
    String to,
    String fromY,
    String toY,
    List<Point> points) {

  /** A point in the picture. */
  record Point(String x, String y) {}

  static List<ScatterChart> of(Scatter scatter) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (List<Scatter.Point> points : List.of(scatter.base(), scatter.tuned())) {
      for (Scatter.Point point : points) {
        low = Math.min(low, Math.min(point.truth(), point.predicted()));
        high = Math.max(high, Math.max(point.truth(), point.predicted()));
      }
    }
    Axis x = Axis.around(low, high, 44, 284).toRoundEnds(5);
    Axis y = Axis.around(low, high, 252, 12).toRoundEnds(5);
    return List.of(
        chart("Base model", "base", scatter.base(), x, y),
        chart("Tuned model", "tuned", scatter.tuned(), x, y));
  }

  private static ScatterChart chart(
      String title, String style, List<Scatter.Point> points, Axis x, Axis y) {
    List<Point> places = new ArrayList<>();
    for (Scatter.Point point : points) {
      places.add(new Point(x.at(point.truth()), y.at(point.predicted())));
    }
    return new ScatterChart(
        title,
        style,
        x.ticks(5),
        y.ticks(5),
        x.at(x.low()),
        x.at(x.high()),
        y.at(y.low()),
        y.at(y.high()),
        places);
  }
}
