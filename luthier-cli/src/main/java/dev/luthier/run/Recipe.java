package dev.luthier.run;

import dev.luthier.data.plan.DataSpec;
import dev.luthier.eval.metric.Metric;
import dev.luthier.recipe.Preset;
import dev.luthier.train.Adaptation;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Objective;
import dev.luthier.train.Schedule;
import dev.luthier.train.Task;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.optim.AdamW;
import dev.luthier.train.peft.FullTuning;
import dev.luthier.train.schedule.LinearSchedule;
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
 * @param evaluate the metrics, the first of which judges the run; empty means the usual ones of the
 *     task
 * @param output the folder of the run
 * @param preset keys that go together, put under what the recipe itself says, or null
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
    List<Metric> evaluate,
    String output,
    @Nullable Preset preset) {
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
        List.of(),
        "runs/latest",
        null);
  }

  /** Copies the lists. */
  public Recipe {
    adapt = List.copyOf(adapt);
    evaluate = List.copyOf(evaluate);
    if (adapt.isEmpty()) {
      throw new IllegalArgumentException(
          "adapt must name at least one adaptation; `full` trains every weight");
    }
  }
}
