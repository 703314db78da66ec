package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * The rate falls with a power of the steps that are left, after a linear warm-up.
 *
 * <pre>
 *   w = ⌈warmup · T⌉,  u = (t - w) / (T - w)
 *   factor(t) = floor + (1 - floor) (1 - u)^power
 * </pre>
 *
 * <p>When to use it: to fall faster (a power above 1) or slower than a line, or to compare with
 * results that were made so.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 * @param power above 0; 1 is a line
 * @param floor the factor at the end of the run, in [0, 1]
 */
@Technique(
    id = "sched-polynomial",
    key = "polynomial",
    name = "Polynomial decay",
    area = Area.SCHEDULE,
    paper = "Chen et al. 2016, arXiv:1606.00915, section 4.1.1")
@AutoService(Schedule.class)
public record PolynomialSchedule(double warmup, double power, double floor) implements Schedule {
  /** A square, down to zero, after a tenth of warm-up. */
  public PolynomialSchedule() {
    this(0.1, 2, 0);
  }

  /** Checks the ranges. */
  public PolynomialSchedule {
    Warmup.check(warmup);
    Shares.floor(floor);
    if (!(power > 0 && Double.isFinite(power))) {
      throw new IllegalArgumentException("power must be above 0, not " + power);
    }
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    if (step < w) {
      return Warmup.factor(step, w);
    }
    return floor + (1 - floor) * Math.pow(1 - Warmup.after(step, w, steps), power);
  }
}
