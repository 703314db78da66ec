package dev.luthier.model;

import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import java.util.stream.IntStream;

/** The losses of golden folders as their equations say, each a sum over what it counts. */
final class HeadLosses {
  private HeadLosses() {}

  /** The summed loss of a head's logits against the golden labels. */
  static Tensor sum(Head head, Tensor logits, Golden golden) {
    if (head instanceof Head.SequenceClassification s) {
      Tensor labels = golden.value("labels");
      return switch (s.kind()) {
        case SINGLE -> Functional.crossEntropySum(logits, labels, null, 0);
        case MULTI -> binary(logits, labels);
        case REGRESSION -> logits.squeeze(1).sub(labels).pow(2).sum();
      };
    }
    if (head instanceof Head.QuestionAnswering) {
      return answers(logits, golden);
    }
    Tensor labels = golden.real("labels");
    return Functional.crossEntropySum(
        logits, head instanceof Head.CausalLanguageModel ? next(labels, golden) : labels, null, 0);
  }

  /** For each token the label of the one after it; none (-100) for the last of its sequence. */
  private static Tensor next(Tensor labels, Golden golden) {
    long[] own = labels.toLongs();
    long[] next = new long[own.length];
    System.arraycopy(own, 1, next, 0, own.length - 1);
    int end = 0;
    for (int length : golden.lengths()) {
      end += length;
      next[end - 1] = -100;
    }
    return Tensor.of(next, next.length);
  }

  /** -Σ y log σ(x) + (1 - y) log σ(-x). */
  private static Tensor binary(Tensor x, Tensor y) {
    Tensor yes = x.sigmoid().log().mul(y);
    Tensor no = x.neg().sigmoid().log().mul(y.neg().add(1));
    return yes.add(no).sum().neg();
  }

  /** Half of the start's and half of the end's cross-entropy over each sequence's own tokens. */
  private static Tensor answers(Tensor logits, Golden golden) {
    Segments segments = golden.segments();
    long[] starts = golden.value("start_positions").toLongs();
    long[] ends = golden.value("end_positions").toLongs();
    int[] first =
        IntStream.range(0, segments.count())
            .map(i -> IntStream.range(0, i).map(segments::length).sum())
            .toArray();
    Tensor total = null;
    for (int i = 0; i < segments.count(); i++) {
      Tensor both = logits.narrow(0, first[i], segments.length(i)).transpose(0, 1);
      Tensor targets = Tensor.of(new long[] {starts[i], ends[i]}, 2);
      Tensor one = Functional.crossEntropySum(both, targets, null, 0).div(2);
      total = total == null ? one : total.add(one);
    }
    return total;
  }
}
