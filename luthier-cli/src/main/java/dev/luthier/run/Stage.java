package dev.luthier.run;

import dev.luthier.data.plan.DataSpec;
import dev.luthier.train.Adaptation;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Objective;
import dev.luthier.train.Schedule;
import dev.luthier.train.Task;
import dev.luthier.train.TrainSpec;
import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.train.peft.AdaptationOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a model is trained on before the recipe itself, for instance a related task of
 * which there are more examples. What is null is as in the recipe.
 *
 * @param data what to learn from
 * @param name of the stage, of letters, digits and dashes
 * @param task what it is to learn
 * @param adapt what of the model is trained. What an adapter learns is folded into the weights
 *     before the next stage
 * @param objective what is minimised; null with a {@code task} of its own is that of the task
 * @param optimizer how
 * @param schedule of the learning rate
 * @param train the loop
 */
public record Stage(
    DataSpec data,
    String name,
    @Nullable Task task,
    @Nullable List<Adaptation> adapt,
    @Nullable Objective objective,
    @Nullable GradientTransform optimizer,
    @Nullable Schedule schedule,
    @Nullable TrainSpec train) {
  /** Other data, and everything else as in the recipe. */
  public Stage(DataSpec data) {
    this(data, "stage", null, null, null, null, null, null);
  }

  /** Checks the name, and that the optimizer updates. */
  public Stage {
    adapt = adapt == null ? null : List.copyOf(adapt);
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9-]{0,60}")) {
      throw new IllegalArgumentException(
          "name must be of letters, digits and dashes, since a folder is called so, not '"
              + name
              + "'");
    }
    AdaptationOrder.require("adapt", adapt == null ? List.of() : adapt);
    OptimizerKeys.requireUpdate("optimizer", optimizer);
  }

  /**
   * The recipe of this stage.
   *
   * @param whole the recipe that it is a stage of
   * @param model the folder of the model that it begins with
   * @param weights where its weights come from
   * @param output the folder of its run
   */
  Recipe recipe(Recipe whole, String model, Recipe.Weights weights, String output) {
    Objective own = objective != null || task == null ? objective : task.objective();
    return new Recipe(
        model,
        task == null ? whole.task() : task,
        data,
        weights,
        adapt == null ? whole.adapt() : adapt,
        own == null ? whole.objective() : own,
        optimizer == null ? whole.optimizer() : optimizer,
        schedule == null ? whole.schedule() : schedule,
        train == null ? whole.train() : train,
        whole.watch(),
        List.of(),
        output,
        null,
        List.of(),
        false);
  }
}
