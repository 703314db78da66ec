package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * The same rate throughout, after an optional linear warm-up.
 *
 * <p>When to use it: with averages of the weights, Schedule-Free and Adafactor, for runs without a
 * fixed end, and to look for a rate. Else a rate that falls ends better.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 */
@Technique(
    id = "sched-constant",
    key = "constant",
    name = "Constant learning rate",
    area = Area.SCHEDULE)
@AutoService(Schedule.class)
public record ConstantSchedule(double warmup) implements Schedule {
  /** No warm-up. */
  public ConstantSchedule() {
    this(0);
  }

  /** Checks the range. */
  public ConstantSchedule {
    Warmup.check(warmup);
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    return step < w ? Warmup.factor(step, w) : 1;
  }
}
