package dev.luthier.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Schedules of other quantities than the learning rate. Each is a factor of what the recipe says of
 * the quantity elsewhere; one that is null leaves it as it is.
 *
 * @param weightDecay of the weight decay, that of {@code groups} too
 * @param batch of {@code batch}, rounded to whole examples and at least one. All steps are planned
 *     before the run, so the schedule counts by the examples that were seen: its steps are those
 *     that a run with {@code batch} throughout would have made with them. Not with {@code order:
 *     packed}, and not by a schedule that looks at evaluations
 * @param strength of the strengths of all regularizers in {@code objective}; those of the parts of
 *     {@code joint} have schedules of their own beside it
 */
public record SchedulesSpec(
    @Nullable Schedule weightDecay, @Nullable Schedule batch, @Nullable Schedule strength) {
  /** Nothing is scheduled. */
  public SchedulesSpec() {
    this(null, null, null);
  }

  /** Checks that batches can be planned. */
  public SchedulesSpec {
    if (batch != null && batch.needsEvaluations()) {
      throw new IllegalArgumentException(
          "batch is planned before the run, so its schedule cannot look at evaluations; choose"
              + " another one");
    }
  }

  /** The keys that are scheduled here. */
  public List<String> keys() {
    List<String> out = new ArrayList<>();
    if (weightDecay != null) {
      out.add("weight-decay");
    }
    if (batch != null) {
      out.add("batch");
    }
    if (strength != null) {
      out.add("strength");
    }
    return out;
  }

  /** Whether something here looks at evaluations. */
  public boolean needsEvaluations() {
    return (weightDecay != null && weightDecay.needsEvaluations())
        || (strength != null && strength.needsEvaluations());
  }

  /** The factors that are scheduled here, by name, for the log of a run. */
  public Map<String, Double> scalars(StepContext.Factors factors) {
    Map<String, Double> out = new TreeMap<>();
    if (weightDecay != null) {
      out.put("weight-decay-factor", factors.decay());
    }
    if (strength != null) {
      out.put("strength-factor", factors.strength());
    }
    return out;
  }

  /**
   * What schedules make of the rates of a run at a moment.
   *
   * @param rate the schedule of the learning rate
   */
  public StepContext.Factors factors(Schedule rate, Moment moment) {
    return new StepContext.Factors(
        moment.factor(rate),
        weightDecay == null ? 1 : moment.factor(weightDecay),
        strength == null ? 1 : moment.factor(strength));
  }
}
