package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * A short linear rise and a long linear fall.
 *
 * <pre>
 *   cut = ⌊T · rise⌋
 *   p = t / cut                                 for t &lt; cut
 *   p = 1 - (t - cut) / (cut (1 / rise - 1))    after, and not below 0
 *   factor(t) = (1 + p (ratio - 1)) / ratio
 * </pre>
 *
 * <p>Where the run is too short for a step of rising, it falls from the first.
 *
 * <p>When to use it: for fine-tuning as of ULMFiT, with gradual unfreezing.
 *
 * @param rise share of the run over which the rate rises, in (0, 1); the paper's cut_frac
 * @param ratio of the highest rate to the lowest, at least 1
 * @see <a href="https://arxiv.org/abs/1801.06146">Howard and Ruder 2018, equation 3</a>
 */
@Technique(
    id = "sched-slanted-triangular",
    key = "slanted-triangular",
    name = "Slanted triangular",
    area = Area.SCHEDULE,
    paper = "Howard and Ruder 2018, arXiv:1801.06146")
@AutoService(Schedule.class)
public record SlantedTriangularSchedule(double rise, double ratio) implements Schedule {
  /** The paper's shape. */
  public SlantedTriangularSchedule() {
    this(0.1, 32);
  }

  /** Checks the ranges. */
  public SlantedTriangularSchedule {
    if (!(rise > 0 && rise < 1)) {
      throw new IllegalArgumentException("rise must be in (0, 1), not " + rise);
    }
    if (!(ratio >= 1 && Double.isFinite(ratio))) {
      throw new IllegalArgumentException("ratio must be at least 1, not " + ratio);
    }
  }

  @Override
  public double factor(long step, long steps) {
    long cut = (long) Math.floor(steps * rise);
    double fall = cut == 0 ? steps : cut * (1 / rise - 1);
    double p = step < cut ? step / (double) cut : Math.max(0, 1 - (step - cut) / fall);
    return (1 + p * (ratio - 1)) / ratio;
  }
}
