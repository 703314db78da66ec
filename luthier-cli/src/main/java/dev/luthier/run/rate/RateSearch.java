package dev.luthier.run.rate;

import dev.luthier.run.Prepared;
import dev.luthier.run.Recipe;
import dev.luthier.tensor.Rng;
import dev.luthier.train.Adaptation;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Identity;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.loop.Trainer;
import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.train.rate.RateCurve;
import dev.luthier.train.rate.RateFinder;
import dev.luthier.train.rate.RateSweep;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Tries the rates of a sweep on a recipe, with everything else as its run will have it. */
public final class RateSearch {
  private RateSearch() {}

  /**
   * What was found.
   *
   * @param rate the optimizer's, as the recipe has it
   * @param curve the loss over the rates
   */
  public record Found(double rate, RateCurve curve) {}

  /**
   * Loads model and data, applies the adaptations, and sweeps. Nothing is written.
   *
   * @param base what relative paths of inputs are relative to: the folder of the recipe
   * @param say told what a person should know, a line at a time
   * @throws TrainingException if the optimizer has no rate, or several that differ
   */
  public static Found find(Recipe recipe, Path base, RateSweep sweep, Consumer<String> say) {
    double rate = rate(recipe.optimizer());
    Prepared run = Prepared.load(recipe, base);
    run.notes().forEach(say);
    for (Adaptation a : recipe.adapt()) {
      a.apply(run.model(), Rng.Key.of(recipe.train().seedOfInit()).with("adapt"))
          .description()
          .forEach(say);
    }
    say.accept("trying " + sweep.steps() + " rates from " + sweep.from() + " to " + sweep.to());
    return new Found(rate, RateFinder.find(setup(run, base), rate, sweep, point -> {}));
  }

  private static Trainer.Setup setup(Prepared run, Path base) {
    Recipe recipe = run.recipe();
    return new Trainer.Setup(
        run.model().model(),
        recipe.objective(),
        recipe.optimizer(),
        recipe.schedule(),
        run.train().data(),
        run.collator(),
        recipe.train(),
        List.of(),
        new Checkpoints(base, 1, new Identity("", "", ""), say -> {}),
        null,
        run.origin(base));
  }

  /** The one rate of an optimizer: its key, or that of its links. */
  static double rate(GradientTransform optimizer) {
    List<Double> distinct = OptimizerKeys.rates(optimizer);
    if (distinct.size() != 1) {
      throw new TrainingException(
          distinct.isEmpty()
              ? "optimizer: it has no key lr, so there is no rate to look for"
              : "optimizer: its links have the rates "
                  + distinct
                  + ", which one sweep cannot tell apart; give them the same lr for the search");
    }
    return distinct.get(0);
  }
}
