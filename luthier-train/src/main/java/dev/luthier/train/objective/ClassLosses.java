package dev.luthier.train.objective;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.LossContext;
import dev.luthier.train.TrainingException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What losses of classes have in common. */
final class ClassLosses {
  /** A class that is not to be learnt. */
  static final int IGNORED = -100;

  private ClassLosses() {}

  /**
   * The rows that are to be learnt.
   *
   * @param rows int64 {@code [n]}, or null for all
   * @param ids their classes
   */
  record Supervised(Tensor ids, @Nullable Tensor rows) {
    static Supervised of(Targets.Classes targets) {
      long[] ids = targets.ids().toLongs();
      int[] kept = IntStream.range(0, ids.length).filter(i -> ids[i] != IGNORED).toArray();
      if (kept.length == ids.length) {
        return new Supervised(targets.ids(), null);
      }
      Tensor rows = Tensor.of(kept).to(DType.I64).to(targets.ids().device());
      return new Supervised(targets.ids().indexSelect(0, rows), rows);
    }

    /** Those rows of logits or hidden states. */
    Tensor of(Tensor all) {
      return rows == null ? all : all.indexSelect(0, rows);
    }

    /** The sum of the classes' weights. */
    double weight(List<Double> weights) {
      double sum = 0;
      for (long id : ids.toLongs()) {
        sum += weights.get((int) id);
      }
      return sum;
    }
  }

  /** The model's answer. */
  static Outputs answer(Model model, Batch batch, LossContext step) {
    return model.answer(batch.tokens(), step.pass());
  }

  /** The logits, float32 or wider. */
  static Tensor logits(Outputs outputs) {
    Tensor logits = outputs.requireLogits();
    return logits.dtype() == DType.F64 ? logits : logits.to(DType.F32);
  }

  /** What is said when targets do not fit. */
  static TrainingException unfit(String key, String needs, Batch batch) {
    String found =
        batch.targets() instanceof Targets.Classes
            ? "one class for each, for which cross-entropy is usual"
            : batch.targets() instanceof Targets.Flags
                ? "any number of classes for each, for which cross-entropy is usual"
                : batch.targets() instanceof Targets.Scores
                    ? "numbers; for numbers use the objective mse"
                    : batch.targets() instanceof Targets.Vectors
                        ? "vectors; for vectors use the objective embedding-distance"
                        : "nothing";
    return new TrainingException(
        "objective " + key + " needs " + needs + " as targets, and the task gives " + found);
  }
}
