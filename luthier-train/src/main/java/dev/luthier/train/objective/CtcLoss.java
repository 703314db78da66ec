package dev.luthier.train.objective;

import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Connectionist temporal classification: how unlikely a target is, whichever of its alignments with
 * the frames is meant. An alignment says one symbol or the blank for each frame; repetitions are
 * joined, then blanks left out.
 *
 * <pre>
 *   l' = the target with blanks before, between and after its symbols
 *   αₜ(s) = log yₜ(l'ₛ) + logsum(αₜ₋₁(s), αₜ₋₁(s-1), αₜ₋₁(s-2) where l'ₛ is no blank and not l'ₛ₋₂)
 *   L = -logsum(α_T(S), α_T(S-1))
 *   ∂L/∂log yₜ(k) = -Σ exp(αₜ(s) + βₜ(s) + L)   over s with l'ₛ = k
 * </pre>
 *
 * <p>α and β are held in float64 logarithms.
 *
 * @see <a href="https://doi.org/10.1145/1143844.1143891">Graves et al. 2006, section 4</a>
 */
public final class CtcLoss implements Autograd.Function {
  private static final double NEVER = Double.NEGATIVE_INFINITY;

  private final double[] y;
  private final int symbols;
  private final int frames;
  private final int[] states;
  private final int blank;
  private final double[][] alpha;
  private final double[][] beta;
  private final double loss;

  private CtcLoss(Tensor log, int blank, int... target) {
    this.y = log.detach().toDoubles();
    this.frames = Math.toIntExact(log.size(0));
    this.symbols = Math.toIntExact(log.size(1));
    this.blank = blank;
    this.states = new int[2 * target.length + 1];
    Arrays.fill(states, blank);
    for (int i = 0; i < target.length; i++) {
      states[2 * i + 1] = target[i];
    }
    this.alpha = new double[frames][states.length];
    this.beta = new double[frames][states.length];
    forward();
    backward();
    int end = states.length - 1;
    double last = alpha[frames - 1][end];
    this.loss = -sum(last, end > 0 ? alpha[frames - 1][end - 1] : NEVER);
  }

  /**
   * The loss of one sequence. Needs an open {@link dev.luthier.tensor.Scope} until the backward
   * pass has run.
   *
   * @param logits {@code [frames, symbols]}, at least one frame
   * @param blank the symbol that says nothing
   * @param target symbols other than the blank; may be empty
   * @return a scalar, -log p(target); infinite, with a gradient of 0, where the frames are too few
   */
  public static Tensor of(Tensor logits, int blank, int... target) {
    for (int symbol : target) {
      if (symbol == blank || symbol < 0 || symbol >= logits.size(1)) {
        throw new IllegalArgumentException(
            "target symbol " + symbol + " is the blank or not one of " + logits.size(1));
      }
    }
    Tensor log = logits.logSoftmax(-1);
    return Autograd.apply(new CtcLoss(log, blank, target), log);
  }

  private void forward() {
    for (double[] row : alpha) {
      Arrays.fill(row, NEVER);
    }
    alpha[0][0] = y[states[0]];
    if (states.length > 1) {
      alpha[0][1] = y[states[1]];
    }
    for (int t = 1; t < frames; t++) {
      double[] before = alpha[t - 1];
      for (int s = 0; s < states.length; s++) {
        double all = before[s];
        all = s > 0 ? sum(all, before[s - 1]) : all;
        all = skips(s) ? sum(all, before[s - 2]) : all;
        alpha[t][s] = all + y[t * symbols + states[s]];
      }
    }
  }

  /** β leaves out the frame itself, so that α + β counts it once. */
  private void backward() {
    for (double[] row : beta) {
      Arrays.fill(row, NEVER);
    }
    int end = states.length - 1;
    beta[frames - 1][end] = 0;
    if (end > 0) {
      beta[frames - 1][end - 1] = 0;
    }
    for (int t = frames - 2; t >= 0; t--) {
      for (int s = 0; s <= end; s++) {
        double all = after(t, s);
        all = s < end ? sum(all, after(t, s + 1)) : all;
        all = s + 2 <= end && skips(s + 2) ? sum(all, after(t, s + 2)) : all;
        beta[t][s] = all;
      }
    }
  }

  private double after(int t, int s) {
    return beta[t + 1][s] + y[(t + 1) * symbols + states[s]];
  }

  private boolean skips(int s) {
    return s > 1 && states[s] != blank && states[s] != states[s - 2];
  }

  private static double sum(double a, double b) {
    double high = Math.max(a, b);
    return high == NEVER ? NEVER : high + Math.log(Math.exp(a - high) + Math.exp(b - high));
  }

  @Override
  public Tensor forward(Tensor... inputs) {
    return Tensor.of(new double[] {loss}, new long[0]).to(inputs[0].dtype());
  }

  @Override
  public @Nullable Tensor[] backward(Tensor gradient, Tensor... inputs) {
    double[] g = new double[y.length];
    for (int t = 0; t < frames && loss < Double.POSITIVE_INFINITY; t++) {
      for (int s = 0; s < states.length; s++) {
        g[t * symbols + states[s]] -= Math.exp(alpha[t][s] + beta[t][s] + loss);
      }
    }
    return new Tensor[] {Tensor.of(g, frames, symbols).to(inputs[0].dtype()).mul(gradient)};
  }
}
