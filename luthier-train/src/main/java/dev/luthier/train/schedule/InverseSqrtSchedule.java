package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Schedule;
import java.util.List;
import java.util.Locale;

/**
 * The rate falls with the square root of the step, after a linear warm-up.
 *
 * <pre>
 *   factor(t) = min(t / w, √(w / t))
 * </pre>
 *
 * <p>When to use it: for long runs without a fixed end. It counts steps, so the warm-up must fit
 * the run.
 *
 * @param steps w, the steps of the warm-up, at least 1
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017, section 5.3</a>
 */
@Technique(
    id = "sched-inverse-sqrt",
    key = "inverse-sqrt",
    name = "Inverse square root",
    area = Area.SCHEDULE,
    paper = "Vaswani et al. 2017, arXiv:1706.03762")
@AutoService(Schedule.class)
public record InverseSqrtSchedule(int steps) implements Schedule {
  /** The paper's warm-up. */
  public InverseSqrtSchedule() {
    this(4000);
  }

  /** Checks the range. */
  public InverseSqrtSchedule {
    if (steps < 1) {
      throw new IllegalArgumentException("steps must be at least 1, not " + steps);
    }
  }

  @Override
  public List<String> ahead(long total, long evaluations) {
    return steps < total
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "inverse-sqrt warms up over %d steps, and the run has %d, so the rate rises to %.3g %% of"
                    + " its peak and never falls; lower steps",
                steps,
                total,
                100 * factor(total - 1, total)));
  }

  @Override
  public double factor(long step, long total) {
    return step < steps ? step / (double) steps : Math.sqrt(steps / (double) step);
  }
}
