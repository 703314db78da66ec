package dev.luthier.train.objective;

import dev.luthier.data.Target;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.spelling.NearestName;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How much each class counts.
 *
 * <p>Where one class applies, w of class c multiplies the loss of its examples, and the mean is
 * divided by the sum of their weights. Balanced, w = n / (K n_c) for n examples of K classes, n_c
 * of them of class c (King and Zeng 2001), so that every class counts the same in all.
 *
 * <p>Where several may apply, w multiplies what a class costs where it applies, and the mean is not
 * changed by it. Balanced, w = (n - n_c) / n_c, so that each class counts as much where it applies
 * as where it does not.
 *
 * @param balanced whether classes count by the inverse of their frequency in the training data
 * @param labels weights by label, for all that do not count 1; where {@code balanced}, they
 *     multiply what that gives
 */
public record ClassWeights(boolean balanced, Map<String, Double> labels) {
  /** Every class counts 1. */
  public ClassWeights() {
    this(false, Map.of());
  }

  /** Checks the ranges. */
  public ClassWeights {
    labels = Map.copyOf(labels);
    labels.forEach(
        (label, w) -> {
          if (!(w >= 0 && Double.isFinite(w))) {
            throw new IllegalArgumentException(
                "labels: the weight of '" + label + "' must be at least 0, not " + w);
          }
        });
  }

  /** Whether every class counts 1. */
  boolean isNone() {
    return !balanced && labels.isEmpty();
  }

  /**
   * The weights in the order of the classes.
   *
   * @throws TrainingException if a label is unknown, or the task has no classes
   */
  List<Double> of(Beginning beginning) {
    List<String> classes = beginning.origin().labels();
    if (classes.isEmpty()) {
      throw new TrainingException("class-weights: this task has no classes; leave them out");
    }
    labels.keySet().forEach(label -> requireKnown(label, classes));
    double[] counts = new double[classes.size()];
    boolean many = false;
    for (EncodedExample e : beginning.data().examples()) {
      if (e.target() instanceof Target.ManyLabels several) {
        many = true;
        several.labels().forEach(label -> counts[classes.indexOf(label)]++);
      } else if (e.target() instanceof Target.OneLabel one) {
        counts[classes.indexOf(one.label())]++;
      }
    }
    int n = beginning.data().size();
    List<Double> out = new ArrayList<>();
    for (int c = 0; c < counts.length; c++) {
      double seen = Math.max(1, counts[c]);
      double inverse = many ? (n - counts[c]) / seen : n / (counts.length * seen);
      out.add((balanced ? inverse : 1) * labels.getOrDefault(classes.get(c), 1.0));
    }
    return List.copyOf(out);
  }

  private static void requireKnown(String label, List<String> classes) {
    if (!classes.contains(label)) {
      throw new TrainingException(
          "class-weights: there is no class '"
              + label
              + "' in the data"
              + NearestName.of(label, classes).map(n -> "; did you mean '" + n + "'?").orElse(""));
    }
  }

  /** Weights as a tensor, {@code [classes]}. */
  static Tensor tensor(List<Double> weights, Tensor like) {
    double[] values = weights.stream().mapToDouble(Double::doubleValue).toArray();
    DType type = like.dtype();
    return Tensor.of(values, values.length).to(type).to(like.device());
  }
}
