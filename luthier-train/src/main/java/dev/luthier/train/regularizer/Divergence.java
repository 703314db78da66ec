package dev.luthier.train.regularizer;

import dev.luthier.data.batch.Targets;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.TrainingException;

/**
 * How far apart two answers to the same examples are, summed over the examples: what the answers
 * mean, and so what distance they have, follows from the targets.
 */
final class Divergence {
  private Divergence() {}

  /**
   * The divergence of Kullback and Leibler both ways, KL(p‖q) + KL(q‖p) = Σ (p - q) (log p - log
   * q): of the softmax where one class applies, of each class by itself where several may. Of
   * numbers it is the squared difference.
   *
   * @param who asks, for the message
   * @param a logits {@code [n, classes]}, or numbers {@code [n, 1]}
   * @param b of the same shape
   * @return a scalar; 0 if they are equal
   */
  static Tensor symmetric(String who, Targets targets, Tensor a, Tensor b) {
    if (targets instanceof Targets.Classes) {
      Tensor p = a.logSoftmax(-1);
      Tensor q = b.logSoftmax(-1);
      return p.exp().sub(q.exp()).mul(p.sub(q)).sum();
    }
    if (targets instanceof Targets.Flags) {
      return a.sigmoid().sub(b.sigmoid()).mul(a.sub(b)).sum();
    }
    return ofNumbers(who, targets, a, b);
  }

  /**
   * The divergence KL(p‖q) of softened answers; of numbers the squared difference, which knows no
   * softening.
   *
   * @param who asks, for the message
   * @param a logits of p
   * @param b logits of q
   * @param temperature what logits are divided by
   * @return a scalar
   */
  static Tensor oneWay(String who, Targets targets, Tensor a, Tensor b, double temperature) {
    if (targets instanceof Targets.Classes) {
      Tensor p = a.div(temperature).logSoftmax(-1);
      Tensor q = b.div(temperature).logSoftmax(-1);
      return p.exp().mul(p.sub(q)).sum();
    }
    if (targets instanceof Targets.Flags) {
      Tensor s = a.div(temperature);
      Tensor t = b.div(temperature);
      Tensor p = s.sigmoid();
      Tensor applies = p.mul(Functional.softplus(t.neg()).sub(Functional.softplus(s.neg())));
      Tensor not = p.neg().add(1).mul(Functional.softplus(t).sub(Functional.softplus(s)));
      return applies.add(not).sum();
    }
    return ofNumbers(who, targets, a, b);
  }

  private static Tensor ofNumbers(String who, Targets targets, Tensor a, Tensor b) {
    if (targets instanceof Targets.Scores) {
      return a.sub(b).pow(2).sum();
    }
    throw new TrainingException(
        who + " compares answers about classes or numbers, and this task's targets are neither");
  }
}
