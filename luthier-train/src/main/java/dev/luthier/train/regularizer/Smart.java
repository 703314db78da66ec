package dev.luthier.train.regularizer;

import com.google.auto.service.AutoService;
import dev.luthier.data.batch.Batch;
import dev.luthier.model.Model;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Beginning;
import dev.luthier.train.Loss;
import dev.luthier.train.LossContext;
import dev.luthier.train.Objective;
import dev.luthier.train.OtherWeights;
import dev.luthier.train.Passes;
import dev.luthier.train.objective.CrossEntropy;
import org.jspecify.annotations.Nullable;

/**
 * SMART: no small step of the embeddings of words is to change the answer, not even the worst one,
 * and the answer is to stay near that of the average of the weights so far.
 *
 * <pre>
 *   z ~ Normal(0, σ²)
 *   repeat:  g = ∂ D(f(x; θ), f(x + z; θ)) / ∂z
 *            z ← Π_ε(z + η g / ‖g‖∞)             by sequence; Π_ε cuts to [-ε, ε]
 *   L + λ D(f(x; θ), f(x + z; θ)) + μ D(f(x; θ), f(x; θ̃))
 *   θ̃ ← β θ̃ + (1 - β) θ                        once a step
 * </pre>
 *
 * <p>D is the symmetric divergence of Kullback and Leibler, or the squared difference of numbers;
 * all passes of a step have the same dropout. The average θ̃ is as large as what is trained, and a
 * checkpoint holds it. A step takes about {@code 3 + 2 steps} times as long as plain training does,
 * a third of it for the average.
 *
 * <p>When to use it: with little data, where a smooth function is wanted and time is not short:
 * some passes more a step.
 *
 * @param lambda λ, at least 0; 0 leaves out the adversary
 * @param mu μ, at least 0; 0 leaves out the average
 * @param epsilon ε, at least 0
 * @param eta η, at least 0
 * @param sigma σ, at least 0
 * @param steps of the ascent, at least 1
 * @param beta β, in [0, 1)
 * @param of the objective it is put around
 * @see <a href="https://arxiv.org/abs/1911.03437">Jiang et al. 2020, algorithm 1</a>
 */
@Technique(
    id = "p-smart",
    key = "smart",
    name = "SMART",
    area = Area.REGULARIZER,
    paper = "Jiang et al. 2020, arXiv:1911.03437")
@AutoService(Objective.class)
public record Smart(
    double lambda,
    double mu,
    double epsilon,
    double eta,
    double sigma,
    int steps,
    double beta,
    Objective of)
    implements Objective {
  private static final String KEY = "smart";

  /** What the paper takes: λ = μ = 1, ε = σ = 1e-5, η = 1e-3, one step, β = 0.99. */
  public Smart() {
    this(1, 1, 1e-5, 1e-3, 1e-5, 1, 0.99, new CrossEntropy());
  }

  /** Checks the ranges. */
  public Smart {
    Strengths.requireNotNegative("lambda", lambda);
    Strengths.requireNotNegative("mu", mu);
    Strengths.requireNotNegative("epsilon", epsilon);
    Strengths.requireNotNegative("eta", eta);
    Strengths.requireNotNegative("sigma", sigma);
    Strengths.requireShare("beta", beta);
    if (steps < 1) {
      throw new IllegalArgumentException("steps must be at least 1, not " + steps);
    }
  }

  @Override
  public Objective begin(Beginning beginning) {
    return new Smart(lambda, mu, epsilon, eta, sigma, steps, beta, of.begin(beginning));
  }

  @Override
  public Loss compute(Model model, Batch batch, LossContext step) {
    double near = step.scheduled(mu);
    double smooth = step.scheduled(lambda);
    if (!step.training() || (smooth == 0 && near == 0)) {
      return of.compute(model, batch, step);
    }
    Tensor before = near == 0 ? null : ofAverage(model, batch, step);
    Loss loss = of.compute(model, batch, step.needingLogits());
    Tensor worst = smooth == 0 ? null : ascend(model, batch, step, loss.logits(KEY).detach());
    return regularized(model, batch, step, loss, before, worst);
  }

  /**
   * The loss with its two penalties.
   *
   * @param before the answer of the average, or null to leave it out
   * @param z the step against the model, or null to leave it out
   */
  Loss regularized(
      Model model,
      Batch batch,
      LossContext step,
      Loss loss,
      @Nullable Tensor before,
      @Nullable Tensor z) {
    Tensor answer = loss.logits(KEY);
    Loss out = loss;
    if (z != null) {
      Tensor moved = answer(model, batch, step, (x, segments) -> x.add(z));
      out = out.adding(KEY, apart(batch, answer, moved).mul(step.scheduled(lambda)));
    }
    return before == null
        ? out
        : out.adding("smart-average", apart(batch, answer, before).mul(step.scheduled(mu)));
  }

  private Tensor ofAverage(Model model, Batch batch, LossContext step) {
    return Scope.call(
        () -> {
          try (Autograd.Guard off = Autograd.noGrad();
              OtherWeights average = AverageWeights.show(model, step, beta)) {
            return answer(model, batch, step, (x, segments) -> x);
          }
        });
  }

  /**
   * Climbs.
   *
   * @param answer of the model as it is, not recorded
   * @return z, {@code [tokens, width]}
   */
  Tensor ascend(Model model, Batch batch, LossContext step, Tensor answer) {
    Rng.Key key = step.key().with(KEY);
    Tensor z =
        climbed(model, batch, step, answer, (x, s) -> Noise.NORMAL.like(x, s, key, l -> sigma));
    for (int i = 1; i < steps; i++) {
      Tensor from = z;
      z = climbed(model, batch, step, answer, (x, segments) -> from);
    }
    return z;
  }

  private Tensor climbed(
      Model model, Batch batch, LossContext step, Tensor answer, Pass.Perturbation from) {
    Tensor[] start = new Tensor[1];
    return Scope.call(
        () -> {
          Tensor moved =
              answer(
                  model,
                  batch,
                  step,
                  (x, segments) -> {
                    Tensor z = from.apply(x, segments).detach().copy().keep().requireGrad(true);
                    start[0] = z;
                    return x.add(z);
                  });
          try (Tensor z = start[0]) {
            Tensor[] to = {z};
            Tensor g = Autograd.grad(apart(batch, answer, moved), to, false)[0];
            Tensor up = unit(g, batch.tokens().segments());
            return cut(z.detach().add(up.mul(eta)));
          }
        });
  }

  /** g / ‖g‖∞ of each sequence. */
  private static Tensor unit(Tensor g, Segments segments) {
    Tensor[] parts = new Tensor[segments.count()];
    long at = 0;
    for (int i = 0; i < parts.length; i++) {
      Tensor own = g.narrow(0, at, segments.length(i));
      double largest = own.abs().max().item();
      parts[i] = largest > 0 ? own.div(largest) : own;
      at += segments.length(i);
    }
    return Tensor.cat(0, parts);
  }

  /** Π_ε. */
  private Tensor cut(Tensor z) {
    Tensor below = Functional.relu(z.neg().add(epsilon)).neg().add(epsilon);
    return Functional.relu(below.add(epsilon)).add(-epsilon);
  }

  private static Tensor answer(
      Model model, Batch batch, LossContext step, Pass.Perturbation change) {
    Pass pass = step.changing(p -> p.perturbing(change)).pass();
    Tensor logits = model.answer(batch.tokens(), pass).requireLogits();
    return logits.dtype() == DType.F64 ? logits : logits.to(DType.F32);
  }

  private static Tensor apart(Batch batch, Tensor a, Tensor b) {
    return Divergence.symmetric(KEY, batch.targets(), a, b);
  }

  @Override
  public boolean isSumOverExamples() {
    return of.isSumOverExamples();
  }

  @Override
  public Passes passes() {
    Passes all = lambda == 0 ? of.passes() : of.passes().andHeld(1).andAside(2 * steps);
    return mu == 0 ? all : all.andAside(1).andCopies(1);
  }
}
