package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * One rise from a low rate to the peak, and one fall to a far lower rate, which the last step has.
 *
 * <pre>
 *   c = rise · T - 1
 *   from 1 / divisor to 1                                for 0 ≤ t ≤ c
 *   from 1 to 1 / (divisor · final-divisor)              for c ≤ t ≤ T - 1
 * </pre>
 *
 * <p>Each along half a cosine, or along a line. Where the run is too short for a step of rising, c
 * is before its first step, and it falls from there. The rate alone is moved; the momentum, which
 * the paper moves against it, stays as the optimizer has it.
 *
 * <p>When to use it: for short runs at a high rate, mostly with SGD.
 *
 * @param rise share of the run over which the rate rises, in (0, 1)
 * @param divisor of the peak, for the rate of the first step, at least 1
 * @param finalDivisor of the first step's rate, for that of the last step, at least 1
 * @param shape of the way up and down
 * @see <a href="https://arxiv.org/abs/1708.07120">Smith and Topin 2017, section 3</a>
 */
@Technique(
    id = "sched-one-cycle",
    key = "one-cycle",
    name = "One cycle",
    area = Area.SCHEDULE,
    paper = "Smith and Topin 2017, arXiv:1708.07120")
@AutoService(Schedule.class)
public record OneCycleSchedule(double rise, double divisor, double finalDivisor, Shape shape)
    implements Schedule {
  /** The way between two rates. */
  public enum Shape {
    /** Half a cosine. */
    COSINE,
    /** A line. */
    LINEAR
  }

  /** As the reference has it: up over three tenths of the run from a twenty-fifth of the peak. */
  public OneCycleSchedule() {
    this(0.3, 25, 1e4, Shape.COSINE);
  }

  /** Checks the ranges. */
  public OneCycleSchedule {
    if (!(rise > 0 && rise < 1)) {
      throw new IllegalArgumentException("rise must be in (0, 1), not " + rise);
    }
    if (!(divisor >= 1 && Double.isFinite(divisor))) {
      throw new IllegalArgumentException("divisor must be at least 1, not " + divisor);
    }
    if (!(finalDivisor >= 1 && Double.isFinite(finalDivisor))) {
      throw new IllegalArgumentException("final-divisor must be at least 1, not " + finalDivisor);
    }
  }

  @Override
  public double factor(long step, long steps) {
    double top = rise * steps - 1;
    if (step <= top) {
      return between(1 / divisor, 1, top == 0 ? 1 : step / top);
    }
    double u = Math.min(1, (step - top) / (steps - 1 - top));
    return between(1, 1 / (divisor * finalDivisor), u);
  }

  private double between(double from, double to, double u) {
    return switch (shape) {
      case COSINE -> to + (from - to) * (1 + Math.cos(Math.PI * u)) / 2;
      case LINEAR -> from + (to - from) * u;
    };
  }
}
