package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * Cosine annealing, after a linear warm-up.
 *
 * <pre>
 *   w = ⌈warmup · T⌉,  u = (t - w) / (T - w)
 *   factor(t) = floor + (1 - floor) (1 + cos(π u)) / 2
 * </pre>
 *
 * <p>When to use it: where the length of the run is known; the usual choice for pre-training and
 * long fine-tuning.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 * @param floor the factor at the end of the run, in [0, 1]
 * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter 2016, equation 5</a>
 */
@Technique(
    id = "sched-cosine",
    key = "cosine",
    name = "Cosine annealing",
    area = Area.SCHEDULE,
    paper = "Loshchilov and Hutter 2016, arXiv:1608.03983")
@AutoService(Schedule.class)
public record CosineSchedule(double warmup, double floor) implements Schedule {
  /** Warm-up over a tenth of the run, down to zero. */
  public CosineSchedule() {
    this(0.1, 0);
  }

  /** Checks the ranges. */
  public CosineSchedule {
    Warmup.check(warmup);
    Shares.floor(floor);
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    if (step < w) {
      return Warmup.factor(step, w);
    }
    double u = Warmup.after(step, w, steps);
    return floor + (1 - floor) * (1 + Math.cos(Math.PI * u)) / 2;
  }
}
