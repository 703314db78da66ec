package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rate is multiplied by a factor every so many steps, or at chosen steps, after a linear
 * warm-up.
 *
 * <pre>
 *   factor(t) = gamma^⌊t / every⌋,  or  gamma^|{s in at : s ≤ t}|
 * </pre>
 *
 * <p>When to use it: to compare with results that were made so, above all of convolutional
 * networks.
 *
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 * @param gamma what the rate is multiplied by, in (0, 1]
 * @param every steps between two multiplications; null if {@code at} says where they are
 * @param at the steps at which it is multiplied, counted from 0, rising; if neither these nor
 *     {@code every} are given, at a half and at three quarters of the run (He et al. 2015,
 *     arXiv:1512.03385, section 4.2)
 */
@Technique(id = "sched-step", key = "step", name = "Step decay", area = Area.SCHEDULE)
@AutoService(Schedule.class)
public record StepSchedule(double warmup, double gamma, @Nullable Long every, List<Long> at)
    implements Schedule {
  private static final double HALF = 0.5;
  private static final double THREE_QUARTERS = 0.75;

  /** To a tenth at a half and at three quarters of the run, without warm-up. */
  public StepSchedule() {
    this(0, 0.1, null, List.of());
  }

  /** Checks the ranges. */
  public StepSchedule {
    Warmup.check(warmup);
    if (!(gamma > 0 && gamma <= 1)) {
      throw new IllegalArgumentException("gamma must be in (0, 1], not " + gamma);
    }
    if (every != null && every < 1) {
      throw new IllegalArgumentException("every must be at least 1, not " + every);
    }
    if (every != null && !at.isEmpty()) {
      throw new IllegalArgumentException("every and at exclude each other; give one of them");
    }
    at = List.copyOf(at);
    for (int i = 0; i < at.size(); i++) {
      if (at.get(i) < (i == 0 ? 0 : at.get(i - 1) + 1)) {
        throw new IllegalArgumentException("at must be rising steps from 0, not " + at);
      }
    }
  }

  @Override
  public double factor(long step, long steps) {
    long w = Warmup.steps(warmup, steps);
    double rise = step < w ? Warmup.factor(step, w) : 1;
    return rise * Math.pow(gamma, multiplications(step, steps));
  }

  @Override
  public List<String> ahead(long steps, long evaluations) {
    String what = every != null ? "every " + every + " steps" : "at " + at;
    long first = every != null ? every : at.isEmpty() ? 0 : at.get(0);
    if (first >= steps) {
      throw new IllegalArgumentException(
          "step changes nothing %s, since the run has %d steps, counted from 0; lower %s, or choose constant"
              .formatted(what, steps, every != null ? "every" : "at"));
    }
    List<Long> beyond = at.stream().filter(s -> s >= steps).toList();
    return beyond.isEmpty()
        ? List.of()
        : List.of("step: " + beyond + " of at lie beyond the run's " + steps + " steps");
  }

  private double multiplications(long step, long steps) {
    if (every != null) {
      return Math.floorDiv(step, every);
    }
    if (at.isEmpty()) {
      return (step >= HALF * steps ? 1 : 0) + (step >= THREE_QUARTERS * steps ? 1 : 0);
    }
    return at.stream().filter(s -> s <= step).count();
  }
}
