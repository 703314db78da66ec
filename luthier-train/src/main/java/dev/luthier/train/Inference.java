package dev.luthier.train;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** Runs a model over a data set without training it. */
public final class Inference {
  /** Tokens computed at once: enough to fill the processor, little enough to stay small. */
  private static final int TOKENS = 4096;

  private Inference() {}

  /**
   * One vector per example, in the order of the data set.
   *
   * @param rows takes the vectors {@code [sequences, width]} from a batch
   */
  public static float[][] rows(
      EncodedDataset data, Collator collator, Function<Batch, Tensor> rows) {
    float[][] out = new float[data.size()][];
    for (List<EncodedExample> part : parts(data.examples())) {
      try (Scope s = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        Batch batch = collator.collate(part, Rng.Key.of(0));
        Tensor values = rows.apply(batch);
        float[] flat = values.toFloats();
        int width = flat.length / batch.size();
        for (int i = 0; i < batch.size(); i++) {
          float[] row = new float[width];
          System.arraycopy(flat, i * width, row, 0, width);
          out[batch.indices()[i]] = row;
        }
      }
    }
    return out;
  }

  /**
   * The head's logits of each example, in the order of the data set.
   *
   * @throws TrainingException if one is not finite
   */
  public static float[][] logits(Model model, EncodedDataset data, Collator collator) {
    float[][] out =
        rows(data, collator, b -> model.answer(b.tokens(), Pass.EVALUATION).requireLogits());
    for (int i = 0; i < out.length; i++) {
      for (float logit : out[i]) {
        requireFinite(logit, data, i);
      }
    }
    return out;
  }

  /**
   * Refuses what a model that has diverged gives.
   *
   * @param place of the example in the data set
   * @throws TrainingException naming its row
   */
  static void requireFinite(double given, EncodedDataset data, int place) {
    if (!Double.isFinite(given)) {
      throw new TrainingException(
          "what the model gives for row "
              + data.examples().get(place).row()
              + " of "
              + data.name()
              + " is not finite, so it cannot be judged: its weights have diverged. Lower the"
              + " learning rate, or clip gradients (train.clip-norm).");
    }
  }

  /** Batches of similar length and bounded size. */
  static List<List<EncodedExample>> parts(List<EncodedExample> examples) {
    List<EncodedExample> sorted =
        examples.stream()
            .sorted(
                Comparator.comparingInt(EncodedExample::length)
                    .reversed()
                    .thenComparingInt(EncodedExample::index))
            .toList();
    List<List<EncodedExample>> out = new ArrayList<>();
    int from = 0;
    int tokens = 0;
    for (int i = 0; i < sorted.size(); i++) {
      if (i > from && tokens + sorted.get(i).length() > TOKENS) {
        out.add(sorted.subList(from, i));
        from = i;
        tokens = 0;
      }
      tokens += sorted.get(i).length();
    }
    out.add(sorted.subList(from, sorted.size()));
    return out;
  }
}
