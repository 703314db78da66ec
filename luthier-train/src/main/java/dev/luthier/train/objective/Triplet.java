package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.Pooling;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Triplet loss: a text is to be nearer to one of its class than to one of another, by a margin.
 *
 * <pre>
 *   mean over triplets of  max(0, d(a, p) - d(a, n) + m)
 * </pre>
 *
 * <p>d is the squared distance of sentence embeddings of length one. For every pair (a, p) of one
 * class in the batch, n is another class's text: any, or a semi-hard one, the nearest of those that
 * are farther than p but within the margin, and the farthest of all where there is none. A batch in
 * which no class occurs twice teaches nothing; the log's {@code triplets} tells how many there are
 * for each example. It is no sum over examples, so a batch is kept whole. The head is not trained
 * by it.
 *
 * <p>When to use it: to learn embeddings from labels with few texts for each of very many classes.
 *
 * @param margin m, above 0
 * @param negatives {@code random} or {@code semi-hard}
 * @param pooling what of the last hidden states is the embedding, {@code mean} or {@code first}
 * @see <a href="https://arxiv.org/abs/1503.03832">Schroff et al. 2015, section 3</a>
 */
@Technique(
    id = "loss-triplet",
    key = "triplet",
    name = "Triplet loss",
    area = Area.OBJECTIVE,
    paper = "Schroff et al. 2015, arXiv:1503.03832")
@AutoService(Objective.class)
public record Triplet(double margin, Mining negatives, Pooling.Kind pooling) implements Objective {
  /** How the text of another class is chosen. */
  public enum Mining {
    /** By chance. */
    RANDOM,
    /** Farther than the one of the same class, but within the margin. */
    SEMI_HARD
  }

  /** A triplet by the places of its texts in the batch. */
  record Places(int anchor, int positive, int negative) {}

  /** A margin of 0.2, as the paper took, with semi-hard negatives. */
  public Triplet() {
    this(0.2, Mining.SEMI_HARD, Pooling.Kind.MEAN);
  }

  /** Checks the range. */
  public Triplet {
    if (!(margin > 0 && Double.isFinite(margin))) {
      throw new IllegalArgumentException("margin must be above 0, not " + margin);
    }
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    long[] classes = Embedded.classes("triplet", batch);
    Embedded embedded = Embedded.of(model, batch, step, new Pooling(pooling, true));
    Tensor distances = embedded.squaredDistances();
    int n = classes.length;
    List<Places> mined = mine(distances.detach().toDoubles(), classes, step.key().with("triplet"));
    Tensor flat = distances.view((long) n * n);
    Tensor near = flat.indexSelect(0, places(mined, n, false));
    Tensor far = flat.indexSelect(0, places(mined, n, true));
    Tensor sum = Functional.relu(near.sub(far).add(margin)).sum();
    return new Loss(
        sum.mul(n / (double) Math.max(1, mined.size())),
        n,
        Map.of("triplets", (double) mined.size()),
        embedded.outputs());
  }

  private static Tensor places(List<Places> triplets, int n, boolean negatives) {
    return Tensor.of(
        triplets.stream()
            .mapToInt(t -> t.anchor() * n + (negatives ? t.negative() : t.positive()))
            .toArray());
  }

  /**
   * The triplets of a batch.
   *
   * @param distances of all pairs, row by row
   */
  List<Places> mine(double[] distances, long[] classes, Rng.Key key) {
    int n = classes.length;
    List<Places> out = new ArrayList<>();
    for (int a = 0; a < n; a++) {
      int anchor = a;
      int[] others = IntStream.range(0, n).filter(j -> classes[j] != classes[anchor]).toArray();
      for (int p = 0; p < n && others.length > 0; p++) {
        if (p != a && classes[p] == classes[a]) {
          int negative =
              negatives == Mining.RANDOM
                  ? others[key.with(a).below(p, others.length)]
                  : semiHard(distances, n, a, p, others);
          out.add(new Places(a, p, negative));
        }
      }
    }
    return out;
  }

  private int semiHard(double[] distances, int n, int anchor, int positive, int... others) {
    double near = distances[anchor * n + positive];
    int farthest = others[0];
    int best = -1;
    for (int other : others) {
      double d = distances[anchor * n + other];
      if (d > distances[anchor * n + farthest]) {
        farthest = other;
      }
      boolean semi = d > near && d < near + margin;
      if (semi && (best < 0 || d < distances[anchor * n + best])) {
        best = other;
      }
    }
    return best < 0 ? farthest : best;
  }

  @Override
  public boolean isSumOverExamples() {
    return false;
  }
}
