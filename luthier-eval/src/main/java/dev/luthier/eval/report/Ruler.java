package dev.luthier.eval.report;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Where the values of a quantity lie along an edge of a graph.
 *
 * @param scale of the quantity
 * @param axis over the values, or over their logarithms where equal factors are equally long
 * @param wanted how many marks there should be, about
 */
record Ruler(Graph.Scale scale, Axis axis, int wanted) {
  private static final double NEARLY = 1e-9;

  /** A ruler with round ends that has room for all values; there must be one. */
  static Ruler over(Graph.Scale scale, DoubleStream values, double from, double to, int wanted) {
    DoubleSummaryStatistics range = values.summaryStatistics();
    if (scale == Graph.Scale.LINEAR) {
      Axis axis = Axis.around(range.getMin(), range.getMax(), from, to).toRoundEnds(wanted);
      return new Ruler(scale, axis, wanted);
    }
    double low = Math.floor(scale.even(range.getMin()) + NEARLY);
    double high = Math.ceil(scale.even(range.getMax()) - NEARLY);
    return new Ruler(scale, new Axis(low, Math.max(high, low + 1), from, to), wanted);
  }

  double position(double value) {
    return axis.position(scale.even(value));
  }

  /** A place in the picture, as SVG has it. */
  String at(double value) {
    return Axis.unit(position(value));
  }

  /** Round values along the axis; on one of doublings powers of two, on one of decades of ten. */
  List<Axis.Tick> ticks() {
    if (scale == Graph.Scale.LINEAR) {
      return axis.ticks(wanted);
    }
    List<Axis.Tick> ticks = new ArrayList<>();
    double step = Math.ceil((axis.high() - axis.low()) / wanted);
    for (double k = axis.low(); k <= axis.high(); k += step) {
      ticks.add(new Axis.Tick(axis.at(k), scale.text(scale.value(k), 9)));
    }
    return ticks;
  }
}
