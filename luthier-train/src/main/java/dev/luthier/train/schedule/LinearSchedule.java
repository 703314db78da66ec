package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * Linear decay to zero at the end of the run, after a linear warm-up.
 *
 * <pre>
 *   w = ⌈warmup · T⌉
 *   factor(t) = t / w              for t &lt; w
 *   factor(t) = (T - t) / (T - w)  after
 * </pre>
 *
 * <p>Without warm-up it is the schedule that the bound of the last step's suboptimality favours
 * over a constant rate: see {@link ConvexBound}.
 *
 * <p>When to use it: first, for fine-tuning whose length is known.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 * @see <a href="https://arxiv.org/abs/2501.18965">Schaipp et al. 2025</a>
 */
@Technique(
    id = "sched-linear",
    key = "linear",
    name = "Linear decay",
    area = Area.SCHEDULE,
    paper = "Howard and Ruder 2018, arXiv:1801.06146 (warm-up and linear decay)")
@AutoService(Schedule.class)
public record LinearSchedule(double warmup) implements Schedule {
  /** Warm-up over a tenth of the run. */
  public LinearSchedule() {
    this(0.1);
  }

  /** Checks the range. */
  public LinearSchedule {
    Warmup.check(warmup);
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    if (step < w) {
      return Warmup.factor(step, w);
    }
    return Math.max(0, (steps - step) / (double) Math.max(1, steps - w));
  }
}
