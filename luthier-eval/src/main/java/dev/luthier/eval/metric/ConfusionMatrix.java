package dev.luthier.eval.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** How often each true label was given each predicted label. */
public final class ConfusionMatrix {
  private final List<String> labels;
  private final long[][] counts;

  private ConfusionMatrix(List<String> labels, long[][] counts) {
    this.labels = labels;
    this.counts = counts;
  }

  /** Counts all examples. */
  public static ConfusionMatrix of(ClassificationPredictions predictions) {
    long[][] counts = new long[predictions.classes()][predictions.classes()];
    for (int i = 0; i < predictions.size(); i++) {
      counts[predictions.truth(i)][predictions.predicted(i)]++;
    }
    return new ConfusionMatrix(predictions.labels(), counts);
  }

  /** The label names, in the order of rows and columns. */
  public List<String> labels() {
    return labels;
  }

  /** How many examples of label {@code truth} were predicted as {@code predicted}. */
  public long count(int truth, int predicted) {
    return counts[truth][predicted];
  }

  /** How many examples a label is true of. */
  public long support(int truth) {
    long sum = 0;
    for (long count : counts[truth]) {
      sum += count;
    }
    return sum;
  }

  /** The counts, one row for each true label. */
  public long[][] counts() {
    long[][] copy = new long[counts.length][];
    for (int i = 0; i < counts.length; i++) {
      copy[i] = counts[i].clone();
    }
    return copy;
  }

  /** The pairs of labels that were taken for one another, the most frequent first. */
  public List<Confused> mostConfused(int atMost) {
    List<Confused> pairs = new ArrayList<>();
    for (int t = 0; t < counts.length; t++) {
      for (int p = 0; p < counts.length; p++) {
        if (t != p && counts[t][p] > 0) {
          pairs.add(new Confused(t, p, counts[t][p]));
        }
      }
    }
    pairs.sort(
        Comparator.comparingLong(Confused::count)
            .reversed()
            .thenComparingInt(Confused::truth)
            .thenComparingInt(Confused::predicted));
    return List.copyOf(pairs.subList(0, Math.min(atMost, pairs.size())));
  }

  /**
   * One kind of error.
   *
   * @param truth index of the true label
   * @param predicted index of the predicted label
   * @param count how many examples
   */
  public record Confused(int truth, int predicted, long count) {}
}
