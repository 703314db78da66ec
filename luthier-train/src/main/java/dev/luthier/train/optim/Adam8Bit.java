package dev.luthier.train.optim;

import com.google.auto.service.AutoService;
import dev.luthier.model.nn.Parameter;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Gradients;
import dev.luthier.train.ParameterGroup;
import dev.luthier.train.StepContext;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW with its two moments in 8 bits each. They are held in blocks; each number of a block is the
 * nearest of 256 to its share of the block's largest. The 256 lie dense around zero, over seven
 * decades.
 *
 * <pre>
 *   m = max_b Q⁻¹(codes),   v likewise
 *   m ← β₁ m + (1 - β₁) g
 *   v ← β₂ v + (1 - β₂) g²
 *   θ ← θ - η λ θ
 *   θ ← θ - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *   codes = Q(m / max_b |m|),   max_b |m|
 * </pre>
 *
 * State: two bytes per number, and two numbers of the parameter's dtype per block: about a quarter
 * of AdamW's in float32. Parameters of few elements keep AdamW's state, and so does what is not
 * matrices.
 *
 * <p>When to use it: to train all weights where AdamW's moments do not fit; the results differ
 * little from AdamW's. Small parameters gain nothing, so adapters do not need it.
 *
 * @param lr η, the peak learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the square, in [0, 1)
 * @param epsilon added to the denominator
 * @param weightDecay λ, at least 0, decoupled from the gradient
 * @param block numbers in a block, at least 1
 * @param minimum how many elements a matrix has at least for 8 bits, at least 1
 * @see <a href="https://arxiv.org/abs/2110.02861">Dettmers et al. 2021, section 2</a>
 */
@Technique(
    id = "opt-adam8bit",
    key = "adam8bit",
    name = "8-bit AdamW",
    area = Area.OPTIMIZER,
    paper = "Dettmers et al. 2021, arXiv:2110.02861")
@AutoService(GradientTransform.class)
public record Adam8Bit(
    double lr,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    int block,
    int minimum)
    implements GradientTransform {
  /** Adam's constants and weight decay 0.01; blocks of 256 from 4096 elements on. */
  public Adam8Bit() {
    this(1e-4, 0.9, 0.999, 1e-8, 0.01, 256, 4096);
  }

  /** Checks the ranges. */
  public Adam8Bit {
    Ranges.positive("lr", lr);
    Ranges.decay("beta1", beta1);
    Ranges.decay("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
    Ranges.notNegative("weight-decay", weightDecay);
    Ranges.atLeastOne("block", block);
    Ranges.atLeastOne("minimum", minimum);
  }

  @Override
  public void apply(ParameterGroup group, Gradients gradients, StepContext step) {
    Map<String, Parameter> small = new LinkedHashMap<>();
    Map<String, Parameter> large = new LinkedHashMap<>();
    group
        .parameters()
        .forEach(
            (name, p) ->
                (p.shape().length < 2 || p.count() < minimum ? small : large).put(name, p));
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    AdamStep adam = new AdamStep(beta1, beta2, epsilon);
    gradients.update(group.with(small), (p, g) -> adam.update(p, g, step, eta, lambda));
    if (!large.isEmpty()) {
      inEightBits(group.with(large), gradients, step);
    }
  }

  private void inEightBits(ParameterGroup group, Gradients gradients, StepContext step) {
    double eta = group.rate(lr, step);
    double lambda = group.decay(weightDecay);
    CodeBook signed = CodeBook.of(true);
    CodeBook unsigned = CodeBook.of(false);
    gradients.update(
        group,
        (p, g) -> {
          double t = Moments.count(p, step);
          Codes mean = Codes.of(p, "mean", signed, block, step);
          Codes square = Codes.of(p, "square", unsigned, block, step);
          Tensor m = mean.decoded(g).lerpInPlace(g, 1 - beta1);
          Tensor v = square.decoded(g).mulInPlace(beta2).addcmulInPlace(g, g, 1 - beta2);
          p.value()
              .mulInPlace(1 - eta * lambda)
              .addcdivInPlace(
                  m, Moments.root(v, beta2, t, epsilon), -eta / Moments.unbias(beta1, t));
          mean.encode(m);
          square.encode(v);
        });
  }
}
