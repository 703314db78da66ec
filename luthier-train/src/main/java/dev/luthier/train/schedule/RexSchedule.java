package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * A decay that is slow at first and fast at the end, for runs whose length is fixed: the reflected
 * exponential, after a linear warm-up.
 *
 * <pre>
 *   w = ⌈warmup · T⌉,  u = (t - w) / (T - w)
 *   factor(t) = (1 - u) / (1/2 + (1 - u) / 2)
 * </pre>
 *
 * <p>When to use it: in short runs with a fixed budget, as an alternative to the line.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 * @see <a href="https://arxiv.org/abs/2107.04197">Chen et al. 2021, equation 2</a>
 */
@Technique(
    id = "sched-rex",
    key = "rex",
    name = "Reflected exponential (REX)",
    area = Area.SCHEDULE,
    paper = "Chen et al. 2021, arXiv:2107.04197")
@AutoService(Schedule.class)
public record RexSchedule(double warmup) implements Schedule {
  /** Warm-up over a tenth of the run. */
  public RexSchedule() {
    this(0.1);
  }

  /** Checks the range. */
  public RexSchedule {
    Warmup.check(warmup);
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    if (step < w) {
      return Warmup.factor(step, w);
    }
    double left = 1 - Warmup.after(step, w, steps);
    return 2 * left / (1 + left);
  }
}
