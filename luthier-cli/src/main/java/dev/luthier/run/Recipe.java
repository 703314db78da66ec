package dev.luthier.run;

import dev.luthier.data.plan.DataSpec;
import dev.luthier.eval.metric.Metric;
import dev.luthier.recipe.Preset;
import dev.luthier.train.Adaptation;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Listener;
import dev.luthier.train.Objective;
import dev.luthier.train.Schedule;
import dev.luthier.train.Task;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.listener.Instability;
import dev.luthier.train.listener.Overfitting;
import dev.luthier.train.listener.Underfitting;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.train.peft.AdaptationOrder;
import dev.luthier.train.peft.FullTuning;
import dev.luthier.train.schedule.LinearSchedule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything about a run.
 *
 * @param model the folder of the pre-trained model
 * @param task what it is to learn
 * @param data what to learn from
 * @param weights where the weights before training come from
 * @param adapt what of the model is trained
 * @param objective what is minimised
 * @param optimizer how
 * @param schedule of the learning rate
 * @param train the loop
 * @param watch what watches the training: says what it sees, and what to try
 * @param evaluate the metrics, the first of which judges the run; empty means the usual ones of the
 *     task
 * @param output the folder of the run
 * @param preset keys that go together, put under what the recipe itself says, or null
 * @param before what the model is trained on first, a stage after the other (intermediate
 *     fine-tuning, Phang et al. 2018, arXiv:1811.01088)
 * @param direct whether a recipe with stages is also run without them, for the report to compare;
 *     it needs test data
 */
public record Recipe(
    String model,
    Task task,
    DataSpec data,
    Weights weights,
    List<Adaptation> adapt,
    Objective objective,
    GradientTransform optimizer,
    Schedule schedule,
    TrainSpec train,
    List<Listener> watch,
    List<Metric> evaluate,
    String output,
    @Nullable Preset preset,
    List<Stage> before,
    boolean direct) {
  /** Where the weights before training come from. */
  public enum Weights {
    /** The model's folder. */
    PRETRAINED,
    /** Random draws: the same architecture, untaught. To see what pre-training is worth. */
    RANDOM
  }

  /** The defaults: all weights trained with AdamW. */
  public Recipe(String model, Task task, DataSpec data) {
    this(
        model,
        task,
        data,
        Weights.PRETRAINED,
        List.of(new FullTuning()),
        task.objective(),
        new AdamW(),
        new LinearSchedule(),
        new TrainSpec(),
        List.of(new Overfitting(), new Underfitting(), new Instability()),
        List.of(),
        "runs/latest",
        null,
        List.of(),
        true);
  }

  /** Copies the lists. */
  public Recipe {
    adapt = List.copyOf(adapt);
    watch = List.copyOf(watch);
    evaluate = List.copyOf(evaluate);
    before = List.copyOf(before);
    if (adapt.isEmpty()) {
      throw new IllegalArgumentException(
          "adapt must name at least one adaptation; `full` trains every weight");
    }
    AdaptationOrder.require("adapt", adapt);
    OptimizerKeys.requireUpdate("optimizer", optimizer);
  }

  /**
   * A run that is made before the recipe's own.
   *
   * @param name for people
   * @param recipe of it
   * @param whole whether the model is saved, even where an adapter could be saved alone
   */
  public record Before(String name, Recipe recipe, boolean whole) {}

  /**
   * The runs before this one, for plans: each as if it began with the model that the recipe names,
   * which has the shapes of what stages make of it.
   */
  public List<Before> runsBefore() {
    List<Before> out = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      Recipe of = before.get(i).recipe(this, model, weights, output);
      out.add(new Before("stage " + (i + 1) + ", " + before.get(i).name(), of, true));
    }
    if (isComparedWithoutStages()) {
      out.add(new Before("without stages", alone(model, weights, output), false));
    }
    return out;
  }

  /** Whether its run ends with a report: it has test data, and answers that can be judged. */
  public boolean isReported() {
    return isTested() && Scoring.isPossible(task);
  }

  private boolean isTested() {
    return data.test() != null || (data.split() != null && data.split().test() > 0);
  }

  /** Whether the recipe is also run without its stages. */
  boolean isComparedWithoutStages() {
    return !before.isEmpty() && direct && isTested();
  }

  /**
   * The recipe without its stages.
   *
   * @param model the folder of the model that it begins with
   * @param from where its weights come from
   * @param output the folder of its run
   */
  Recipe alone(String model, Weights from, String output) {
    return new Recipe(
        model, task, data, from, adapt, objective, optimizer, schedule, train, watch, evaluate,
        output, preset, List.of(), direct);
  }
}
