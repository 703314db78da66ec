package dev.luthier.train.schedule;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Listener.Evaluation;
import dev.luthier.train.Schedule;
import dev.luthier.train.TrainSpec.Mode;
import dev.luthier.train.TrainingException;
import java.util.List;
import java.util.TreeSet;

/**
 * The rate is reduced when a score on the validation data no longer improves.
 *
 * <pre>
 *   better: score &lt; best (1 - threshold)     where less is better, or best - threshold
 *   after each evaluation that is not better, one more is bad
 *   bad &gt; patience:  f ← max(factor · f, floor),  bad ← 0, and then none is bad for `cooldown` more
 *   factor(t) = f
 * </pre>
 *
 * As ReduceLROnPlateau of PyTorch, but that the warm-up comes first; evaluations are those of
 * {@code train.evaluate-every}. Nothing is kept but the scores: f follows from them anew.
 *
 * <p>When to use it: in runs whose length is not known beforehand, with evaluations that are
 * frequent and not too noisy. In a run of a few epochs a schedule that is planned does as well.
 *
 * @param metric what to watch: {@code loss} or a metric of {@code evaluate}
 * @param mode whether more or less is better; {@code auto} knows it of the loss alone
 * @param factor what the rate is multiplied by, in (0, 1)
 * @param patience evaluations that may pass without progress before the rate falls
 * @param threshold the least change that counts as progress
 * @param relative whether the threshold is a share of the best score, or a difference from it
 * @param cooldown evaluations after a fall in which none counts as bad
 * @param floor the least factor, in [0, 1]
 * @param warmup share of the run over which the rate rises from zero, in [0, 1]
 */
@Technique(id = "sched-plateau", key = "plateau", name = "Reduce on plateau", area = Area.SCHEDULE)
@AutoService(Schedule.class)
public record PlateauSchedule(
    String metric,
    Mode mode,
    double factor,
    int patience,
    double threshold,
    boolean relative,
    int cooldown,
    double floor,
    double warmup)
    implements Schedule {
  /** To a half after three evaluations without progress, since a fine-tuning has few. */
  public PlateauSchedule() {
    this("loss", Mode.AUTO, 0.5, 2, 1e-4, true, 0, 0, 0);
  }

  /** Checks the ranges. */
  public PlateauSchedule {
    require(
        mode != Mode.AUTO || metric.equals("loss"),
        "mode must be min or max, since it is not known of '" + metric + "' which is better");
    require(factor > 0 && factor < 1, "factor must be in (0, 1), not " + factor);
    require(patience >= 0, "patience must be at least 0, not " + patience);
    require(
        threshold >= 0 && Double.isFinite(threshold),
        "threshold must be at least 0, not " + threshold);
    require(cooldown >= 0, "cooldown must be at least 0, not " + cooldown);
    Shares.floor(floor);
    Warmup.check(warmup);
  }

  @Override
  public boolean needsEvaluations() {
    return true;
  }

  @Override
  public double factor(long step, long steps) {
    return factor(step, steps, List.of());
  }

  @Override
  public double factor(long step, long steps, List<Evaluation> evaluations) {
    long w = Warmup.steps(warmup, steps);
    return step < w ? Warmup.factor(step, w) : reduced(evaluations);
  }

  @Override
  public List<String> ahead(long steps, long evaluations) {
    return evaluations > patience + 1
        ? List.of()
        : List.of(
            "plateau changes nothing before %d evaluations, and the run has %d that steps follow; lower patience or train.evaluate-every"
                .formatted(patience + 2, evaluations));
  }

  private double reduced(List<Evaluation> evaluations) {
    double f = 1;
    double best = mode == Mode.MAX ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    int bad = 0;
    int cooling = 0;
    for (Evaluation e : evaluations) {
      double score = score(e);
      if (isBetter(score, best)) {
        best = score;
        bad = 0;
      } else {
        bad++;
      }
      if (cooling > 0) {
        cooling--;
        bad = 0;
      }
      if (bad > patience) {
        f = Math.max(factor * f, floor);
        cooling = cooldown;
        bad = 0;
      }
    }
    return f;
  }

  private boolean isBetter(double score, double best) {
    double margin = Double.isInfinite(best) ? 0 : relative ? threshold * best : threshold;
    return mode == Mode.MAX ? score > best + margin : score < best - margin;
  }

  private double score(Evaluation e) {
    Double score = e.scores().get(metric);
    if (score == null) {
      throw new TrainingException(
          "the schedule plateau watches '"
              + metric
              + "', which is not evaluated. Evaluated: "
              + String.join(", ", new TreeSet<>(e.scores().keySet()))
              + ". Add it to `evaluate`, or watch one of these.");
    }
    return score;
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
