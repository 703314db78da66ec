package dev.luthier.eval.metric;

import dev.luthier.eval.metric.Predictions.Kind;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** For each label, how often it was rightly predicted, predicted, and true. */
final class LabelCounts {
  /** The forms of predictions that have labels. */
  static final Set<Kind> KINDS = Set.of(Kind.CLASSIFICATION, Kind.MULTI_LABEL);

  private final long[] hits;
  private final long[] predicted;
  private final long[] truth;

  private LabelCounts(int labels) {
    hits = new long[labels];
    predicted = new long[labels];
    truth = new long[labels];
  }

  /** Makes ready a number that depends on the counts alone. */
  static Statistic statistic(
      Metric metric, Predictions predictions, ToDoubleFunction<LabelCounts> number) {
    if (predictions instanceof ClassificationPredictions classes) {
      return counts -> number.applyAsDouble(of(classes, counts));
    }
    if (predictions instanceof MultiLabelPredictions sets) {
      return counts -> number.applyAsDouble(of(sets, counts));
    }
    throw metric.unsuited(predictions);
  }

  static LabelCounts of(ClassificationPredictions predictions, int[] counts) {
    LabelCounts result = new LabelCounts(predictions.classes());
    for (int i = 0; i < counts.length; i++) {
      int said = predictions.predicted(i);
      int real = predictions.truth(i);
      result.predicted[said] += counts[i];
      result.truth[real] += counts[i];
      if (said == real) {
        result.hits[said] += counts[i];
      }
    }
    return result;
  }

  static LabelCounts of(MultiLabelPredictions predictions, int[] counts) {
    LabelCounts result = new LabelCounts(predictions.classes());
    for (int i = 0; i < counts.length; i++) {
      for (int c = 0; counts[i] > 0 && c < predictions.classes(); c++) {
        boolean said = predictions.predicted(i, c);
        boolean real = predictions.truth(i, c);
        result.predicted[c] += said ? counts[i] : 0;
        result.truth[c] += real ? counts[i] : 0;
        result.hits[c] += said && real ? counts[i] : 0;
      }
    }
    return result;
  }

  int labels() {
    return hits.length;
  }

  long hits(int label) {
    return hits[label];
  }

  long truth(int label) {
    return truth[label];
  }

  long predicted(int label) {
    return predicted[label];
  }

  double precision(int label, ZeroDivision policy) {
    return policy.ratio(hits[label], predicted[label]);
  }

  double recall(int label, ZeroDivision policy) {
    return policy.ratio(hits[label], truth[label]);
  }

  double f1(int label, ZeroDivision policy) {
    return policy.ratio(2 * hits[label], predicted[label] + truth[label]);
  }

  double microF1(ZeroDivision policy) {
    long hit = 0;
    long all = 0;
    for (int c = 0; c < hits.length; c++) {
      hit += hits[c];
      all += predicted[c] + truth[c];
    }
    return policy.ratio(2 * hit, all);
  }
}
