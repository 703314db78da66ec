package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * The peak rate for most of the run, then a short cooldown: what was trained at the peak can be
 * gone on with, for the length of the run matters at its end alone.
 *
 * <pre>
 *   c = T - ⌈cooldown · T⌉,  u = (t - c) / (T - c)
 *   factor(t) = 1                            for w ≤ t &lt; c
 *   factor(t) = floor + (1 - floor) (1 - u)  after, or with √u in place of u
 * </pre>
 *
 * <p>With a cooldown over the whole run it is the linear decay to zero for which the bound of
 * {@link ConvexBound} has no logarithm.
 *
 * <p>When to use it: where a run may be gone on with: train at the peak, and branch off a cooldown
 * whenever a model is wanted.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 * @param cooldown share of the run over which it falls, in [0, 1]; with {@code warmup} at most 1
 * @param shape of the cooldown
 * @param floor the factor at the end of the run, in [0, 1]
 * @see <a href="https://arxiv.org/abs/2404.06395">Hu et al. 2024, section 4</a>
 * @see <a href="https://arxiv.org/abs/2405.18392">Hägele et al. 2024, section 3 (shapes)</a>
 * @see <a href="https://arxiv.org/abs/2501.18965">Schaipp et al. 2025</a>
 */
@Technique(
    id = "p-convex-schedules",
    key = "wsd",
    name = "Warmup-stable-decay",
    area = Area.SCHEDULE,
    paper = "Hu et al. 2024, arXiv:2404.06395; Schaipp et al. 2025, arXiv:2501.18965")
@AutoService(Schedule.class)
public record WarmupStableDecaySchedule(double warmup, double cooldown, Shape shape, double floor)
    implements Schedule {
  /** The way down. */
  public enum Shape {
    /** A line. */
    LINEAR,
    /** One minus the square root: steep at first. */
    ONE_MINUS_SQRT
  }

  /** A line over the last fifth, after a tenth of warm-up. */
  public WarmupStableDecaySchedule() {
    this(0.1, 0.2, Shape.LINEAR, 0);
  }

  /** Checks the ranges. */
  public WarmupStableDecaySchedule {
    Warmup.check(warmup);
    Shares.floor(floor);
    if (!(cooldown >= 0 && cooldown <= 1)) {
      throw new IllegalArgumentException("cooldown must be in [0, 1], not " + cooldown);
    }
    if (warmup + cooldown > 1) {
      throw new IllegalArgumentException(
          "warmup %s and cooldown %s take more than the whole run; lower one of them"
              .formatted(warmup, cooldown));
    }
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    if (step < w) {
      return Warmup.factor(step, w);
    }
    long c = Math.max(w, steps - (long) Math.ceil(cooldown * steps));
    if (step < c) {
      return 1;
    }
    double u = Warmup.after(step, c, steps);
    double fallen = shape == Shape.LINEAR ? u : Math.sqrt(u);
    return floor + (1 - floor) * (1 - fallen);
  }
}
