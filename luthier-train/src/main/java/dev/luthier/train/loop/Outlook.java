package dev.luthier.train.loop;

import dev.luthier.train.GradientTransform;
import dev.luthier.train.Schedule;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.TrainingException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How long a run will be, against which settings that count steps are held before it starts.
 *
 * @param spec the recipe's {@code train} section
 * @param steps of the whole run
 * @param evaluations after which there are still steps
 */
public record Outlook(TrainSpec spec, long steps, long evaluations) {
  /** The outlook of a run whose batches are planned. */
  public static Outlook of(TrainSpec spec, BatchPlan plan) {
    long last = plan.steps() - 1;
    Long every = spec.evaluateEvery();
    return new Outlook(spec, plan.steps(), every == null ? plan.epochOf(last) : last / every);
  }

  /**
   * What a person should know of settings that reach beyond the run, one fact a line.
   *
   * @param trained full names of the parameters that are trained
   * @throws TrainingException if one would have no effect, saying where it stands and what to do
   */
  public List<String> notes(
      GradientTransform optimizer, Schedule rate, Collection<String> trained) {
    List<String> out = new ArrayList<>(told("optimizer", () -> optimizer.ahead(trained, steps)));
    out.addAll(moved("schedule", rate));
    out.addAll(moved("train.schedules.weight-decay", spec.schedules().weightDecay()));
    out.addAll(moved("train.schedules.batch", spec.schedules().batch()));
    out.addAll(moved("train.schedules.strength", spec.schedules().strength()));
    return out;
  }

  private List<String> moved(String key, @Nullable Schedule schedule) {
    return schedule == null ? List.of() : told(key, () -> schedule.ahead(steps, evaluations));
  }

  private static List<String> told(String key, Supplier<List<String>> ahead) {
    try {
      return ahead.get().stream().map(line -> key + ": " + line).toList();
    } catch (IllegalArgumentException e) {
      throw new TrainingException(key + ": " + e.getMessage());
    }
  }
}
