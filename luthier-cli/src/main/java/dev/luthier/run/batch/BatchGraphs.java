package dev.luthier.run.batch;

import dev.luthier.eval.report.Graph;
import dev.luthier.eval.report.Graph.Line;
import dev.luthier.eval.report.Graph.Point;
import dev.luthier.eval.report.Graph.Quantity;
import dev.luthier.eval.report.Graph.Scale;
import dev.luthier.eval.report.Graph.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Draws what batch sizes did: means over seeds, and each seed where there are several. */
public final class BatchGraphs {
  /** Across: a size twice as large is one step farther. */
  static final Quantity BATCH = new Quantity("batch size, examples", Scale.DOUBLING);

  private static final int THOUSAND = 1000;

  private final List<BatchTrial> trials;
  private final Map<Integer, List<BatchTrial>> bySize;

  /**
   * @param trials in any order
   */
  public BatchGraphs(List<BatchTrial> trials) {
    this.trials = List.copyOf(trials);
    this.bySize =
        this.trials.stream()
            .collect(Collectors.groupingBy(BatchTrial::batch, TreeMap::new, Collectors.toList()));
  }

  /** Loss, generalization gap, time and the noise of gradients, each over the size of the batch. */
  public List<Graph> all() {
    return List.of(loss(), gap(), time(), noise());
  }

  private Graph loss() {
    List<Line> lines = new ArrayList<>();
    lines.add(means("training", Style.BESIDE, BatchTrial::trainingLoss));
    lines.add(means("validation", Style.MEASURED, BatchTrial::validationLoss));
    singles(lines, "validation, each seed", BatchTrial::validationLoss);
    return new Graph("Loss", BATCH, new Quantity("mean loss", Scale.LINEAR), lines, List.of());
  }

  private Graph gap() {
    List<Line> lines = new ArrayList<>();
    lines.add(means("gap", Style.MEASURED, BatchTrial::gap));
    singles(lines, "each seed", BatchTrial::gap);
    Quantity y = new Quantity("validation less training loss", Scale.LINEAR);
    return new Graph("Generalization gap", BATCH, y, lines, List.of());
  }

  private Graph time() {
    ToDoubleFunction<BatchTrial> seconds = t -> THOUSAND * t.cpuSeconds() / t.examples();
    List<Line> lines = new ArrayList<>();
    lines.add(means("time of steps", Style.MEASURED, seconds));
    singles(lines, "each seed", seconds);
    Quantity y = new Quantity("cpu seconds per 1000 examples", Scale.LINEAR);
    return new Graph("Time", BATCH, y, lines, List.of());
  }

  /** Below the line on which the noise scale is the batch itself, larger batches save little. */
  private Graph noise() {
    List<Line> lines = new ArrayList<>();
    lines.add(means("before training", Style.BESIDE, BatchTrial::noiseBefore));
    lines.add(means("after training", Style.MEASURED, BatchTrial::noiseAfter));
    List<Point> same = bySize.keySet().stream().map(batch -> new Point(batch, batch)).toList();
    lines.add(new Line("as large as the batch", Style.GUIDE, same));
    Quantity y = new Quantity("noise scale, examples", Scale.DOUBLING);
    return new Graph("Gradient noise", BATCH, y, lines, List.of());
  }

  private Line means(String name, Style style, ToDoubleFunction<BatchTrial> what) {
    List<Point> points = new ArrayList<>();
    bySize.forEach(
        (batch, own) ->
            points.add(
                new Point(batch, own.stream().mapToDouble(what).average().orElse(Double.NaN))));
    return new Line(name, style, points);
  }

  private void singles(List<Line> to, String name, ToDoubleFunction<BatchTrial> what) {
    if (trials.size() > bySize.size()) {
      List<Point> points =
          trials.stream().map(t -> new Point(t.batch(), what.applyAsDouble(t))).toList();
      to.add(new Line(name, Style.SINGLE, points));
    }
  }
}
