package dev.luthier.train.objective;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Pooling;
import dev.luthier.model.Tokens;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.LossContext;

/**
 * The sentence embeddings of a batch, for losses that compare its examples with each other.
 *
 * @param outputs of the model
 * @param vectors {@code [n, width]}, float32 or wider
 */
record Embedded(Outputs outputs, Tensor vectors) {
  static Embedded of(Model model, Batch batch, LossContext step, Pooling pooling) {
    if (InParts.asked(batch, step)) {
      Tensor vectors =
          InParts.rows(model, batch, step, (t, pass) -> pooled(model.forward(t, pass), t, pooling));
      return new Embedded(new Outputs(vectors, null), vectors);
    }
    Outputs out = model.forward(batch.tokens(), step.pass());
    return new Embedded(out, pooled(out, batch.tokens(), pooling));
  }

  private static Tensor pooled(Outputs out, Tokens tokens, Pooling pooling) {
    DType type = out.hidden().dtype() == DType.F64 ? DType.F64 : DType.F32;
    return pooling.apply(out.hidden().to(type), tokens.segments());
  }

  /** The class of each sequence. */
  static long[] classes(String key, Batch batch) {
    if (batch.targets() instanceof Targets.Classes t && t.ids().count() == batch.size()) {
      return t.ids().toLongs();
    }
    throw ClassLosses.unfit(key, "one class for each text", batch);
  }

  /** ‖a - b‖² of all pairs, {@code [n, n]}; never below 0. */
  Tensor squaredDistances() {
    long n = vectors.size(0);
    long width = vectors.size(1);
    Tensor a = vectors.view(n, 1, width);
    Tensor b = vectors.view(1, n, width);
    return a.sub(b).pow(2).sum(2);
  }

  /** Zeros and ones, {@code [n, n]}. */
  Tensor mask(Pairs pairs) {
    int n = Math.toIntExact(vectors.size(0));
    double[] m = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        m[i * n + j] = pairs.holds(i, j) ? 1 : 0;
      }
    }
    return like(m);
  }

  /** A number for each pair, {@code [n, n]}. */
  Tensor like(double... pairs) {
    long n = vectors.size(0);
    return Tensor.of(pairs, n, n).to(vectors.dtype()).to(vectors.device());
  }

  /** A relation of two examples of a batch. */
  @FunctionalInterface
  interface Pairs {
    /** Whether it holds. */
    boolean holds(int i, int j);
  }
}
