package dev.luthier.train.loop;

import dev.luthier.train.ParameterGroup;
import dev.luthier.train.Schedule;
import dev.luthier.train.SchedulesSpec;
import dev.luthier.train.TrainingException;
import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.train.regularizer.Strengths;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Refuses schedules and optimizers that would do nothing of what they are set to in the run as long
 * as it is, and tells of those that hardly fit.
 */
final class ScheduleChecks {
  private ScheduleChecks() {}

  /**
   * Checks the schedules of a run.
   *
   * @throws TrainingException saying which cannot work, and what to do
   */
  static void require(Trainer.Setup setup, List<ParameterGroup> groups, BatchPlan plan) {
    SchedulesSpec schedules = setup.spec().schedules();
    boolean looks = setup.schedule().needsEvaluations() || schedules.needsEvaluations();
    if (looks && setup.validation() == null) {
      throw new TrainingException(
          "schedule: it looks at evaluations, and there are no validation data; give"
              + " data.validation, or set some of the training data aside by data.split");
    }
    List<Double> decays = OptimizerKeys.decays(setup.optimizer());
    if (schedules.weightDecay() != null
        && groups.stream().allMatch(g -> decays.stream().allMatch(d -> g.decay(d) == 0))) {
      throw new TrainingException(
          "train.schedules.weight-decay: nothing decays, so there is nothing to schedule; give the"
              + " optimizer a weight-decay, or leave the schedule out");
    }
    if (schedules.strength() != null && !Strengths.areIn(setup.objective())) {
      throw new TrainingException(
          "train.schedules.strength: the objective has no regularizer whose strength it could"
              + " move; put one around it, or leave the schedule out");
    }
    var unused = ahead(setup, groups, plan);
  }

  private static List<String> ahead(
      Trainer.Setup setup, List<ParameterGroup> groups, BatchPlan plan) {
    List<String> trained =
        groups.stream().flatMap(g -> g.parameters().keySet().stream()).sorted().toList();
    Outlook outlook = Outlook.of(setup.spec(), plan);
    return outlook.notes(setup.optimizer(), setup.schedule(), trained);
  }

  /**
   * What a person should know of how optimizer and schedules fit the run, and each other.
   *
   * @param plan of the whole run
   */
  static List<String> notes(Trainer.Setup setup, List<ParameterGroup> groups, BatchPlan plan) {
    List<String> out = new ArrayList<>(ahead(setup, groups, plan));
    out.addAll(together(setup, plan.steps()));
    return out;
  }

  private static List<String> together(Trainer.Setup setup, long steps) {
    Schedule schedule = setup.schedule();
    if (schedule.needsEvaluations()) {
      return List.of();
    }
    if (steps == 1 && schedule.factor(0, 1) == 0) {
      return List.of(
          "schedule: the rate is zero at the only step, so nothing is learnt; set warmup to 0");
    }
    if (!setup.optimizer().wantsConstantRate()) {
      return List.of();
    }
    double last = schedule.factor(steps - 1, steps);
    return last >= schedule.factor(steps / 2, steps) / 2
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "the schedule lets the rate fall to %.2g %% by the last step, and the optimizer"
                    + " averages weights over steps of one rate; schedule: {constant: {warmup: 0.1}}"
                    + " suits it better",
                100 * last));
  }
}
