package dev.luthier.train.peft;

import com.google.auto.service.AutoService;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adapted;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * NoisyTune: a little noise on every pre-trained weight before fine-tuning, in proportion to how
 * the weights of its matrix vary.
 *
 * <pre>
 *   W ← W + Uniform(-λ/2, λ/2) · std(W)
 * </pre>
 *
 * <p>Put it before what says which weights are trained. What is new, a head for instance, is left
 * as it was drawn. Since the weights of the model itself change, the whole model is saved, also
 * where an adapter is trained.
 *
 * <p>When to use it: before fine-tuning all weights on little data, to leave the pre-training's
 * sharp spots; it costs nothing.
 *
 * @param lambda λ, at least 0; 0 changes nothing
 * @see <a href="https://arxiv.org/abs/2202.12024">Wu et al. 2022, section 3</a>
 */
@Technique(
    id = "p-noisytune",
    key = "noisy-tune",
    name = "NoisyTune",
    area = Area.ADAPTATION,
    paper = "Wu et al. 2022, arXiv:2202.12024")
@AutoService(Adaptation.class)
public record NoisyTune(double lambda) implements Adaptation {
  /** λ = 0.15, as the paper took. */
  public NoisyTune() {
    this(0.15);
  }

  /** Checks the range. */
  public NoisyTune {
    if (!(lambda >= 0 && Double.isFinite(lambda))) {
      throw new IllegalArgumentException("lambda must be at least 0, not " + lambda);
    }
  }

  @Override
  public Adapted apply(Pretrained base, Rng.Key key) {
    Anatomy anatomy = Anatomy.of(base);
    anatomy.requireUnadapted("noisy-tune");
    Set<Parameter> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    long changed = 0;
    for (Map.Entry<String, Parameter> e : anatomy.parameters().entrySet()) {
      Parameter p = e.getValue();
      if (lambda > 0 && !anatomy.drawn().contains(e.getKey()) && seen.add(p)) {
        addNoise(p, key.with("noisy-tune").with(e.getKey()));
        changed += p.count();
      }
    }
    return new InPlace(
        List.of("noise on %,d pre-trained weights (noisy-tune)".formatted(changed)), changed > 0);
  }

  private void addNoise(Parameter p, Rng.Key key) {
    try (Scope scope = Scope.open();
        Autograd.Guard off = Autograd.noGrad()) {
      Tensor w = p.value().detach().to(DType.F64);
      if (w.count() > 1) {
        double variance = w.sub(w.mean()).pow(2).sum().item() / (w.count() - 1);
        double reach = lambda / 2 * Math.sqrt(variance);
        Tensor noise = Rng.uniform(key, -reach, reach, p.shape());
        var unused = p.value().addInPlace(noise.to(p.value().dtype()));
      }
    }
  }
}
