package dev.luthier.train;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Readout;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.List;
import java.util.Objects;

/**
 * How well a model predicts the tokens that are to be learnt of one example.
 *
 * @param loss the summed -log p of those tokens, in nats
 * @param tokens how many they are
 * @param right how many of them the model holds the likeliest
 */
public record TokenScores(double loss, int tokens, int right) {
  /** Logits that are held at once. */
  private static final int VALUES = 1 << 23;

  /**
   * The scores of each example, in the order of the data set.
   *
   * @throws TrainingException if a loss is not finite
   */
  public static TokenScores[] of(Model model, EncodedDataset data, Collator collator) {
    TokenScores[] out = new TokenScores[data.size()];
    for (List<EncodedExample> part : Inference.parts(data.examples())) {
      try (Scope s = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        score(model, collator.collate(part, Rng.Key.of(0)), out);
      }
    }
    for (int i = 0; i < out.length; i++) {
      Inference.requireFinite(out[i].loss(), data, i);
    }
    return out;
  }

  private static void score(Model model, Batch batch, TokenScores[] out) {
    Rows rows = new Rows(batch);
    Tensor answers = ((Targets.Classes) batch.targets()).ids();
    Readout readout = model.readout(batch.tokens(), Pass.EVALUATION);
    Tensor read =
        readout == null
            ? model.forward(batch.tokens(), Pass.EVALUATION).requireLogits()
            : readout.hidden();
    long classes = readout == null ? read.size(1) : readout.layer().out();
    long portion = Math.max(1, VALUES / classes);
    for (long at = 0; at < read.size(0); at += portion) {
      long n = Math.min(portion, read.size(0) - at);
      try (Scope s = Scope.open()) {
        Tensor h = read.narrow(0, at, n);
        Tensor logits = readout == null ? h : readout.layer().product(h);
        rows.add(at, logits, answers.narrow(0, at, n));
      }
    }
    rows.into(out);
  }

  /** Adds up rows of logits by the sequence they belong to. */
  private static final class Rows {
    private final int[] indices;
    private final int[] owners;
    private final double[] loss;
    private final int[] tokens;
    private final int[] right;

    Rows(Batch batch) {
      this.indices = batch.indices();
      this.owners = owners(batch);
      this.loss = new double[indices.length];
      this.tokens = new int[indices.length];
      this.right = new int[indices.length];
    }

    private static int[] owners(Batch batch) {
      Segments segments = batch.tokens().segments();
      long[] wanted = Objects.requireNonNull(batch.tokens().wanted()).toLongs();
      int[] out = new int[wanted.length];
      int sequence = 0;
      long end = segments.length(0);
      for (int i = 0; i < wanted.length; i++) {
        while (wanted[i] >= end) {
          sequence++;
          end += segments.length(sequence);
        }
        out[i] = sequence;
      }
      return out;
    }

    void add(long at, Tensor logits, Tensor answers) {
      DType wide = logits.dtype() == DType.F64 ? DType.F64 : DType.F32;
      Tensor z = logits.to(wide);
      double[] likelihoods =
          z.logSoftmax(-1).gather(1, answers.unsqueeze(1)).squeeze(1).toDoubles();
      long[] likeliest = z.argmax(1).toLongs();
      long[] truth = answers.toLongs();
      for (int i = 0; i < truth.length; i++) {
        int owner = owners[(int) at + i];
        loss[owner] -= likelihoods[i];
        tokens[owner]++;
        right[owner] += likeliest[i] == truth[i] ? 1 : 0;
      }
    }

    void into(TokenScores[] out) {
      for (int i = 0; i < indices.length; i++) {
        out[indices[i]] = new TokenScores(loss[i], tokens[i], right[i]);
      }
    }
  }
}
