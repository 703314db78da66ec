package dev.luthier.run.rate;

import dev.luthier.run.Recipe;
import dev.luthier.run.trial.TrialLog;
import dev.luthier.run.trial.TrialRun;
import dev.luthier.run.trial.Variants;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Listener;
import dev.luthier.train.NonFiniteException;
import dev.luthier.train.optim.OptimizerKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs a recipe with several optimizers, each at several learning rates around its own: how good
 * each is, and how much that hangs on its rate.
 *
 * @param variants of the recipe
 * @param base what relative paths of inputs are relative to
 * @see <a href="https://arxiv.org/abs/2407.07972">Zhao et al. 2024, section 3</a>
 */
public record OptimizerSweep(Variants variants, Path base) {
  /**
   * What one optimizer did at one rate.
   *
   * @param optimizer as it was asked for
   * @param rate its first key {@code lr}
   * @param trainingLoss the mean of the last tenth of the steps; null if it was not finite
   * @param validationLoss of the tuned weights; null likewise
   */
  public record Tried(
      String optimizer,
      double rate,
      @Nullable Double trainingLoss,
      @Nullable Double validationLoss) {}

  /** The losses of all steps. */
  private static final class Losses implements Listener {
    private final List<Double> all = new ArrayList<>();

    @Override
    public Wish stepped(StepReport step) {
      all.add(step.loss());
      return Wish.NONE;
    }

    double end() {
      int from = all.size() - Math.max(1, all.size() / 10);
      return all.subList(from, all.size()).stream()
          .mapToDouble(l -> l)
          .average()
          .orElse(Double.NaN);
    }
  }

  /**
   * Runs all of them.
   *
   * @param optimizers as a recipe writes them
   * @param factors that the rates of each are multiplied by
   */
  public List<Tried> run(
      List<String> optimizers, List<Double> factors, TrialLog log, Consumer<String> say)
      throws IOException {
    List<Tried> out = new ArrayList<>();
    for (String optimizer : optimizers) {
      Recipe recipe =
          variants.with(
              List.of(
                  "optimizer=" + optimizer,
                  "train.evaluate-every=1000000",
                  "train.save-every=1000000"));
      for (double factor : factors) {
        Tried tried =
            log.get(
                recipe,
                "rate times " + factor,
                Tried.class,
                () -> trial(recipe, optimizer, factor));
        say.accept("%s at %.2g: loss %s".formatted(optimizer, tried.rate(), tried.trainingLoss()));
        out.add(tried);
      }
    }
    return List.copyOf(out);
  }

  private Tried trial(Recipe recipe, String name, double factor) throws IOException {
    GradientTransform optimizer = OptimizerKeys.times(recipe.optimizer(), factor);
    double rate = OptimizerKeys.rates(optimizer).stream().findFirst().orElse(factor);
    Losses losses = new Losses();
    try (TrialRun run = new TrialRun(recipe, base, 1)) {
      run.train(optimizer, recipe.schedule(), losses);
      double validation = run.validationLoss();
      return Double.isFinite(validation)
          ? new Tried(name, rate, losses.end(), validation)
          : new Tried(name, rate, null, null);
    } catch (NonFiniteException e) {
      return new Tried(name, rate, null, null);
    }
  }
}
