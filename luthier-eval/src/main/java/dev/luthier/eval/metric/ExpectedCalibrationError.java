package dev.luthier.eval.metric;

import com.google.auto.service.AutoService;
import dev.luthier.eval.metric.Predictions.Kind;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How far a classifier's confidence is from how often it is right. Examples are put in bins by the
 * probability of the predicted label.
 *
 * <pre>
 *   ECE = Σ over bins  |bin| / n · | accuracy(bin) - mean confidence(bin) |
 * </pre>
 *
 * @param bins how many bins, at least 1
 * @param binning how the bins are cut
 */
@Technique(
    id = "metric-ece",
    key = "ece",
    name = "Expected calibration error",
    area = Area.METRIC,
    paper = "Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599")
@AutoService(Metric.class)
public record ExpectedCalibrationError(int bins, Binning binning) implements Metric {

  /** Where bins end. */
  public enum Binning {
    /** Bins of equal width in confidence: (0, 1/B], (1/B, 2/B], and so on. */
    EQUAL_WIDTH,
    /**
     * Bins of as equal a number of examples as ties allow: examples of equal confidence stay
     * together, in the bin in which the middle of them falls, so the order of the examples does not
     * matter.
     */
    EQUAL_MASS
  }

  /** Fifteen bins of equal width, as in Guo et al. 2017. */
  public ExpectedCalibrationError() {
    this(15, Binning.EQUAL_WIDTH);
  }

  /** Checks the range. */
  public ExpectedCalibrationError {
    if (bins < 1) {
      throw new IllegalArgumentException("bins is %d; it must be at least 1".formatted(bins));
    }
  }

  @Override
  public Set<Kind> kinds() {
    return Set.of(Kind.CLASSIFICATION);
  }

  @Override
  public boolean higherIsBetter() {
    return false;
  }

  @Override
  public boolean share() {
    return true;
  }

  @Override
  public Statistic over(Predictions predictions) {
    if (!(predictions instanceof ClassificationPredictions classes)) {
      throw unsuited(predictions);
    }
    SortedScores sorted = byConfidence(classes);
    return counts -> gap(fill(classes, sorted, counts));
  }

  /**
   * The reliability table: every bin of equal width, or the bins of equal mass that have examples.
   */
  public List<ReliabilityBin> reliability(ClassificationPredictions predictions) {
    Filled filled =
        fill(
            predictions, byConfidence(predictions), Statistic.everyExampleOnce(predictions.size()));
    List<ReliabilityBin> table = new ArrayList<>();
    for (int b = 0; b < bins; b++) {
      boolean width = binning == Binning.EQUAL_WIDTH;
      if (width || filled.count[b] > 0) {
        table.add(
            new ReliabilityBin(
                width ? (double) b / bins : filled.least[b],
                width ? (b + 1.0) / bins : filled.greatest[b],
                filled.count[b],
                filled.confidence[b] / filled.count[b],
                filled.right[b] / filled.count[b]));
      }
    }
    return List.copyOf(table);
  }

  private static double gap(Filled filled) {
    double gap = 0;
    long all = 0;
    for (int b = 0; b < filled.count.length; b++) {
      gap += Math.abs(filled.right[b] - filled.confidence[b]);
      all += filled.count[b];
    }
    return gap / all;
  }

  private Filled fill(ClassificationPredictions classes, SortedScores sorted, int[] counts) {
    Filled filled = new Filled(bins);
    long all = 0;
    for (int count : counts) {
      all += count;
    }
    long below = 0;
    for (int g = 0; g < sorted.groups(); g++) {
      long here = 0;
      for (int at = sorted.start(g); at < sorted.end(g); at++) {
        here += counts[sorted.example(at)];
      }
      double confidence = classes.confidence(sorted.example(sorted.start(g)));
      double place = binning == Binning.EQUAL_WIDTH ? confidence : (below + here / 2.0) / all;
      int bin = Math.max(0, Math.min(bins - 1, (int) Math.ceil(place * bins) - 1));
      for (int at = sorted.start(g); at < sorted.end(g); at++) {
        int example = sorted.example(at);
        filled.add(bin, confidence, classes.correct(example), counts[example]);
      }
      below += here;
    }
    return filled;
  }

  private static SortedScores byConfidence(ClassificationPredictions classes) {
    double[] confidence = new double[classes.size()];
    for (int i = 0; i < confidence.length; i++) {
      confidence[i] = classes.confidence(i);
    }
    return SortedScores.of(confidence);
  }

  /** Sums over the examples of each bin. */
  private static final class Filled {
    private final long[] count;
    private final double[] confidence;
    private final double[] right;
    private final double[] least;
    private final double[] greatest;

    Filled(int bins) {
      count = new long[bins];
      confidence = new double[bins];
      right = new double[bins];
      least = new double[bins];
      greatest = new double[bins];
    }

    void add(int bin, double value, boolean correct, int times) {
      if (times > 0) {
        least[bin] = count[bin] == 0 ? value : least[bin];
        greatest[bin] = value;
        count[bin] += times;
        confidence[bin] += times * value;
        right[bin] += correct ? times : 0;
      }
    }
  }
}
