package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;

/**
 * Cosine annealing with warm restarts, after a linear warm-up: cycles of which each is longer than
 * the one before by the same factor, and each of which begins at the peak.
 *
 * <pre>
 *   T_i = T_0 growth^i,  Σ T_i = T - w over all cycles,  w = ⌈warmup · T⌉
 *   factor = floor + (1 - floor) (1 + cos(π T_cur / T_i)) / 2
 * </pre>
 *
 * <p>T_cur are the steps since the last restart. The cycles fill the run: of 70 steps without
 * warm-up, three cycles with a growth of 2 take 10, 20 and 40.
 *
 * <p>When to use it: to take a good model at the end of every cycle, for an ensemble or to choose
 * from.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 * @param cycles how many there are, from 1
 * @param growth how much longer each cycle is than the one before, a whole number from 1
 * @param floor the factor at the end of a cycle, in [0, 1]
 * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter 2016, section 3</a>
 */
@Technique(
    id = "sched-sgdr",
    key = "cosine-restarts",
    name = "Cosine annealing with warm restarts (SGDR)",
    area = Area.SCHEDULE,
    paper = "Loshchilov and Hutter 2016, arXiv:1608.03983")
@AutoService(Schedule.class)
public record RestartSchedule(double warmup, int cycles, int growth, double floor)
    implements Schedule {
  private static final long MOST = 1L << 20;

  /** Three cycles, each twice as long as the one before, after a tenth of warm-up. */
  public RestartSchedule() {
    this(0.1, 3, 2, 0);
  }

  /** Checks the ranges. */
  public RestartSchedule {
    Warmup.check(warmup);
    Shares.floor(floor);
    if (cycles < 1) {
      throw new IllegalArgumentException("cycles must be at least 1, not " + cycles);
    }
    if (growth < 1) {
      throw new IllegalArgumentException("growth must be at least 1, not " + growth);
    }
    if (Math.pow(growth, cycles) > MOST) {
      throw new IllegalArgumentException(
          "growth %d over %d cycles leaves the first cycle no step; lower one of them"
              .formatted(growth, cycles));
    }
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    if (step < w) {
      return Warmup.factor(step, w);
    }
    // Whole numbers, so that a restart falls on its step: in units of 1 / all of the cycles' time.
    long time = Math.max(1, steps - w);
    long all = 0;
    long part = 1;
    for (int i = 0; i < cycles; i++) {
      all += part;
      part *= growth;
    }
    long at = Math.min(step - w, time) * all;
    long length = 1;
    for (int i = 1; i < cycles && at >= length * time; i++) {
      at -= length * time;
      length *= growth;
    }
    double u = at / (double) (length * time);
    return floor + (1 - floor) * (1 + Math.cos(Math.PI * u)) / 2;
  }
}
