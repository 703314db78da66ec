package dev.luthier.train.objective;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.objective.ClassLosses.Supervised;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Focal loss: cross-entropy in which what is known well already counts little.
 *
 * <pre>
 *   L = -Σ αₜ (1 - pₜ)^γ log pₜ
 * </pre>
 *
 * <p>pₜ is the probability of the class; where several classes may apply, p of each that does and
 * 1-p of each that does not. With γ = 0 and without α it is cross-entropy, and so is its weight.
 *
 * <p>When to use it: where most examples are easy and the rest matter, or few of many classes
 * apply. With balanced classes cross-entropy does as well.
 *
 * @param gamma γ, at least 0
 * @param alpha α of what applies, 1-α of what does not, in (0, 1), where several classes may apply;
 *     null counts both the same. Where one class applies, {@code class-weights} are its αₜ
 * @param classWeights how much each class counts in training. The loss on validation data is
 *     without
 * @see <a href="https://arxiv.org/abs/1708.02002">Lin et al. 2017, section 3</a>
 */
@Technique(
    id = "loss-focal",
    key = "focal",
    name = "Focal loss",
    area = Area.OBJECTIVE,
    paper = "Lin et al. 2017, arXiv:1708.02002")
@AutoService(Objective.class)
public record Focal(double gamma, @Nullable Double alpha, ClassWeights classWeights)
    implements Objective {
  /** Keeps the derivative of a root finite where p is 1. */
  private static final double LEAST = 1e-12;

  /** γ = 2, as the paper found best; every class counting the same. */
  public Focal() {
    this(2, null, new ClassWeights());
  }

  /** Checks the ranges. */
  public Focal {
    if (!(gamma >= 0 && Double.isFinite(gamma))) {
      throw new IllegalArgumentException("gamma must be at least 0, not " + gamma);
    }
    if (alpha != null && !(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha must be in (0, 1), not " + alpha);
    }
  }

  @Override
  public Objective begin(Beginning beginning) {
    return classWeights.isNone() ? this : new Weighted(this, classWeights.of(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    return compute(model, batch, step, null);
  }

  private Loss compute(Model model, Batch batch, LossContext step, @Nullable List<Double> weights) {
    Outputs out = ClassLosses.answer(model, batch, step);
    Tensor logits = ClassLosses.logits(out);
    if (batch.targets() instanceof Targets.Classes t) {
      if (alpha != null) {
        throw ClassLosses.unfit("focal with alpha", "any number of classes for each", batch);
      }
      Supervised rows = Supervised.of(t);
      Tensor sum = ofSoftmax(rows.of(logits), rows.ids(), weights);
      return new Loss(sum, weights == null ? rows.ids().count() : rows.weight(weights), out);
    }
    if (batch.targets() instanceof Targets.Flags t) {
      Tensor sum = ofSigmoid(logits, t.flags().to(logits.dtype()), weights);
      return new Loss(sum, t.flags().count(), out);
    }
    throw ClassLosses.unfit("focal", "classes", batch);
  }

  private Tensor ofSoftmax(Tensor logits, Tensor ids, @Nullable List<Double> weights) {
    Tensor log = logits.logSoftmax(-1).gather(1, ids.unsqueeze(1)).squeeze(1);
    Tensor loss = focused(log);
    return weights == null
        ? loss.sum()
        : loss.mul(ClassWeights.tensor(weights, logits).indexSelect(0, ids)).sum();
  }

  private Tensor ofSigmoid(Tensor logits, Tensor flags, @Nullable List<Double> weights) {
    Tensor sign = flags.mul(2).add(-1); // 1 where it applies, else -1
    Tensor loss = focused(Functional.softplus(logits.mul(sign).neg()).neg());
    if (alpha != null) {
      loss = loss.mul(flags.mul(2 * alpha - 1).add(1 - alpha));
    }
    if (weights != null) {
      Tensor w = ClassWeights.tensor(weights, logits);
      loss = loss.mul(flags.mul(w.add(-1)).add(1));
    }
    return loss.sum();
  }

  /** -(1 - p)^γ log p, from log p. */
  private Tensor focused(Tensor log) {
    Tensor ce = log.neg();
    if (gamma == 0) {
      return ce;
    }
    Tensor rest = log.exp().neg().add(1);
    return (gamma < 1 ? rest.add(LEAST) : rest).pow(gamma).mul(ce);
  }

  /**
   * The same where classes count differently.
   *
   * @param weights in the order of the classes
   */
  private record Weighted(Focal of, List<Double> weights) implements Objective {
    @Override
    public Loss compute(Model model, Batch batch, LossContext step) {
      return of.compute(model, batch, step, weights);
    }
  }
}
