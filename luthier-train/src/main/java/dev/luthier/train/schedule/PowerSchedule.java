package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;
import java.util.List;

/**
 * The rate falls with a power of the tokens that were learnt from, whatever the number of tokens
 * yet to come, so that a run can be gone on with or cut short.
 *
 * <pre>
 *   n = tokens · t,  N = tokens · T
 *   η(n) = min(η_max, β a n^b)
 *   rate = n / n_w · η(n_w)                      for n &lt; n_w = warmup-tokens
 *   rate = η(n)                                  for n_w ≤ n &lt; N_c = (1 - cooldown) N
 *   rate = η(N_c) (N - n) / (N - N_c)            after
 * </pre>
 *
 * <p>A schedule sees steps, not tokens, and its factor is relative to the optimizer's rate: {@code
 * tokens} says how many tokens a step holds on the average, {@code batch} how many sequences, and
 * {@code peak} must be the optimizer's {@code lr}. The cooldown is a line; the authors' scheduler
 * leaves it out.
 *
 * <p>When to use it: in pre-training and its continuation where the number of tokens to come is
 * open; a and b belong to the parameterisation (μP) they were found with.
 *
 * @param peak η_max, which is the optimizer's rate; above 0
 * @param batch β, sequences of a step, from 1
 * @param tokens of a step, from 1
 * @param a above 0
 * @param b below 0
 * @param warmupTokens over which the rate rises from zero
 * @param cooldown share of the run at its end over which the rate falls to zero, in [0, 1]
 * @see <a href="https://arxiv.org/abs/2408.13359">Shen et al. 2024, section 4</a>
 */
@Technique(
    id = "p-power-scheduler",
    key = "power",
    name = "Power scheduler",
    area = Area.SCHEDULE,
    paper = "Shen et al. 2024, arXiv:2408.13359")
@AutoService(Schedule.class)
public record PowerSchedule(
    double peak, int batch, int tokens, double a, double b, long warmupTokens, double cooldown)
    implements Schedule {
  /** The paper's a and b, for batches of 32 sequences of 128 tokens at AdamW's default rate. */
  public PowerSchedule() {
    this(1e-4, 32, 4096, 4, -0.51, 0, 0.1);
  }

  /** Checks the ranges. */
  public PowerSchedule {
    above("peak", peak);
    above("a", a);
    if (!(b < 0 && Double.isFinite(b))) {
      throw new IllegalArgumentException("b must be below 0, not " + b);
    }
    if (batch < 1 || tokens < 1) {
      throw new IllegalArgumentException(
          "batch and tokens must be at least 1, not " + batch + " and " + tokens);
    }
    if (warmupTokens < 0) {
      throw new IllegalArgumentException("warmup-tokens must be at least 0, not " + warmupTokens);
    }
    if (!(cooldown >= 0 && cooldown <= 1)) {
      throw new IllegalArgumentException("cooldown must be in [0, 1], not " + cooldown);
    }
  }

  private static void above(String key, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(key + " must be above 0, not " + value);
    }
  }

  @Override
  public double factor(long step, long steps) {
    double n = (double) tokens * step;
    double all = (double) tokens * steps;
    double down = (1 - cooldown) * all;
    if (n <= down) {
      return lasting(n);
    }
    return lasting(down) * Math.max(0, (all - n) / (all - down));
  }

  @Override
  public List<String> ahead(long steps, long evaluations) {
    return warmupTokens == 0 || warmupTokens < tokens * steps
        ? List.of()
        : List.of(
            "power warms up over %d tokens, and the run has about %d, so the warm-up never ends; lower warmup-tokens"
                .formatted(warmupTokens, tokens * steps));
  }

  /** The factor as long as no end is in sight. */
  private double lasting(double n) {
    return n < warmupTokens ? n / warmupTokens * power((double) warmupTokens) : power(n);
  }

  /** In relation to the peak. */
  private double power(double n) {
    return Math.min(1, batch * a * Math.pow(n, b) / peak);
  }
}
