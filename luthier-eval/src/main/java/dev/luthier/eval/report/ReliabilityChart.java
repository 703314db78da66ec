package dev.luthier.eval.report;

import dev.luthier.eval.metric.ReliabilityBin;
import java.util.ArrayList;
import java.util.List;

/**
 * A reliability diagram: how often the model is right, over how sure it says it is.
 *
 * @param title whose
 * @param style of the bars
 * @param equalWidth the calibration error over bins of equal width
 * @param equalMass the same over bins of equal numbers of examples
 * @param bars one for each bin with examples
 * @param ticks marks of both axes
 */
record ReliabilityChart(
    String title,
    String style,
    String equalWidth,
    String equalMass,
    List<Bar> bars,
    List<Tick> ticks) {
  private static final Axis X = new Axis(0, 1, 44, 244);
  private static final Axis Y = new Axis(0, 1, 212, 12);
  private static final double SHARES_BASE = 286;
  private static final double SHARES_HEIGHT = 40;

  /** A mark at the same value of both axes. */
  record Tick(String x, String y, String label) {}

  /**
   * One bin: its bar, the stroke at its mean confidence, the bar of its share of examples below,
   * and what it says when pointed at.
   */
  record Bar(
      String x,
      String width,
      String y,
      String height,
      String confidence,
      String shareY,
      String shareHeight,
      String says) {}

  static ReliabilityChart of(String title, String style, Calibration calibration) {
    long most = calibration.bins().stream().mapToLong(ReliabilityBin::count).max().orElse(1);
    List<Bar> bars = new ArrayList<>();
    for (ReliabilityBin bin : calibration.bins()) {
      if (bin.count() > 0) {
        bars.add(bar(bin, most));
      }
    }
    List<Tick> ticks = new ArrayList<>();
    for (int percent = 0; percent <= 100; percent += 25) {
      ticks.add(new Tick(X.at(percent / 100.0), Y.at(percent / 100.0), percent + " %"));
    }
    return new ReliabilityChart(
        title,
        style,
        Numbers.percent(calibration.equalWidth()) + " %",
        Numbers.percent(calibration.equalMass()) + " %",
        bars,
        ticks);
  }

  private static Bar bar(ReliabilityBin bin, long most) {
    double share = SHARES_HEIGHT * bin.count() / most;
    return new Bar(
        Axis.unit(X.position(bin.lower()) + 0.5),
        Axis.unit(X.position(bin.upper()) - X.position(bin.lower()) - 1),
        Y.at(bin.accuracy()),
        Axis.unit(Y.position(0) - Y.position(bin.accuracy())),
        Y.at(bin.confidence()),
        Axis.unit(SHARES_BASE - share),
        Axis.unit(share),
        "%s examples, %s %% sure on average, right %s %% of the time"
            .formatted(
                Numbers.count(bin.count()),
                Numbers.percent(bin.confidence()),
                Numbers.percent(bin.accuracy())));
  }
}
