package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.OtherWeights;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Replay;
import dev.luthier.train.StepContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * SAM, a link before an optimizer: the gradient is taken where the loss is worst within a small
 * ball around the weights. Each step computes its batch twice. {@code train.clip-norm} bounds the
 * gradient that is taken there; a link that clips stands after this one.
 *
 * <pre>
 *   ε = ρ g / ‖g‖                 over all parameters; ASAM: ε = ρ |θ|² g / ‖ |θ| g ‖
 *   g ← gradient at θ + ε
 * </pre>
 *
 * <p>When to use it: where the data are few and the model fits them fully: a flat minimum
 * generalises better. Every step takes twice the time.
 *
 * @param rho ρ, above 0
 * @param adaptive whether the ball is measured relative to each weight (Kwon et al. 2021)
 * @see <a href="https://arxiv.org/abs/2010.01412">Foret et al. 2020, Algorithm 1</a>
 * @see <a href="https://arxiv.org/abs/2102.11600">Kwon et al. 2021, Algorithm 1</a>
 */
@Technique(
    id = "opt-sam",
    key = "sam",
    name = "SAM, sharpness-aware minimization",
    area = Area.OPTIMIZER,
    paper = "Foret et al. 2020, arXiv:2010.01412")
@AutoService(GradientTransform.class)
public record Sam(double rho, boolean adaptive) implements GradientTransform {
  /** The paper's radius. */
  public Sam() {
    this(0.05, false);
  }

  /** Checks the range. */
  public Sam {
    Ranges.positive("rho", rho);
  }

  @Override
  public Role role() {
    return Role.BEFORE;
  }

  @Override
  public boolean needsAllGradients() {
    return true;
  }

  @Override
  public void prepare(Gradients gradients, StepContext step, Replay batch) {
    Map<Parameter, Tensor> own = new LinkedHashMap<>();
    gradients.parameters().forEach(p -> own.put(p, gradients.of(p)));
    double norm = norm(own);
    if (norm == 0) {
      return;
    }
    Gradients there;
    try (OtherWeights worst =
        OtherWeights.show(own.keySet(), p -> at(p, Objects.requireNonNull(own.get(p)), norm))) {
      there = batch.gradients();
    }
    own.forEach(
        (p, g) -> {
          if (there.has(p)) {
            g.copyFrom(there.of(p));
          }
        });
  }

  private double norm(Map<Parameter, Tensor> gradients) {
    double sum = 0;
    for (Map.Entry<Parameter, Tensor> e : gradients.entrySet()) {
      try (Scope scope = Scope.open();
          Autograd.Guard off = Autograd.noGrad()) {
        Tensor g = e.getValue();
        double n = (adaptive ? e.getKey().value().mul(g) : g).norm().item();
        sum += n * n;
      }
    }
    return Math.sqrt(sum);
  }

  private Tensor at(Parameter p, Tensor g, double norm) {
    Tensor theta = p.value().detach();
    Tensor direction = adaptive ? theta.mul(theta).mul(g) : g;
    return theta.copy().addInPlace(direction, rho / norm);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {}
}
