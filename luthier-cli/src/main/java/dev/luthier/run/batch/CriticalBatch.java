package dev.luthier.run.batch;

import dev.luthier.eval.scaling.StepsToTarget;
import dev.luthier.run.Recipe;
import dev.luthier.run.trial.TrialLog;
import dev.luthier.run.trial.TrialRun;
import dev.luthier.run.trial.Variants;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Listener;
import dev.luthier.train.optim.Chain;
import dev.luthier.train.optim.Ema;
import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.train.schedule.ConstantSchedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the batch size from which on larger ones no longer pay: runs several to the same validation
 * loss, at a constant learning rate and judged by an exponential average of the weights, so that no
 * run has to know beforehand how long it will be.
 *
 * @param variants of the recipe
 * @param base what relative paths of inputs are relative to
 * @param target the validation loss to come to
 * @param window over how many examples weights are averaged, about
 * @param scaling of the learning rates from the recipe's batch to another
 * @param factors rates that are tried beside, each in a run; the one that needs the fewest steps
 *     counts
 * @param atOnce the most examples computed at once
 * @see <a href="https://arxiv.org/abs/2410.21676">Zhang et al. 2024</a>
 */
public record CriticalBatch(
    Variants variants,
    Path base,
    double target,
    double window,
    RateScaling scaling,
    List<Double> factors,
    int atOnce) {
  private static final double MOST_DECAY = 0.9999;

  /** Copies the factors. */
  public CriticalBatch {
    factors = List.copyOf(factors);
  }

  /**
   * What one batch size needed.
   *
   * @param batch examples of a step
   * @param examples there were to learn from
   * @param rateFactor what the recipe's rates were multiplied by
   * @param steps to the target, between evaluations by interpolation; null if it was not reached
   */
  public record Reached(int batch, int examples, double rateFactor, @Nullable Double steps) {}

  /**
   * What all of them say.
   *
   * @param examples there were to learn from
   * @param reached by batch size, at the best rate of each
   * @param fit null where fewer than two came to the target
   * @param critical batch size; null without a fit, infinite where steps scale on for ever
   */
  public record Found(
      int examples,
      List<Reached> reached,
      @Nullable StepsToTarget fit,
      @Nullable Double critical) {}

  /** Ends a run at the target. */
  private static final class Goal implements Listener {
    private final double target;
    private double before = Double.NaN;
    private long stepBefore;
    private OptionalDouble reached = OptionalDouble.empty();

    Goal(double target) {
      this.target = target;
    }

    @Override
    public Wish evaluated(Evaluation e) {
      double loss = e.scores().getOrDefault("loss", Double.NaN);
      if (loss <= target && reached.isEmpty()) {
        double share = Double.isNaN(before) ? 1 : (before - target) / (before - loss);
        reached = OptionalDouble.of(stepBefore + share * (e.step() - stepBefore));
        return Wish.STOP;
      }
      before = loss;
      stepBefore = e.step();
      return Wish.NONE;
    }
  }

  /**
   * Searches with a share of the training data.
   *
   * @param batches the sizes to run
   */
  public Found run(List<Integer> batches, double share, TrialLog log, Consumer<String> say)
      throws IOException {
    List<Reached> reached = new ArrayList<>();
    for (int batch : batches) {
      Reached best = null;
      for (double factor : factors) {
        Reached one = run(batch, share, factor, log);
        say.accept(
            "batches of %d, rate times %.3g: %s steps"
                .formatted(batch, one.rateFactor(), one.steps()));
        best = best == null || steps(one) < steps(best) ? one : best;
      }
      if (best != null) {
        reached.add(best);
      }
    }
    return found(reached);
  }

  private static double steps(Reached r) {
    Double steps = r.steps();
    return steps == null ? Double.POSITIVE_INFINITY : steps;
  }

  private static Found found(List<Reached> reached) {
    List<Reached> there = reached.stream().filter(r -> Double.isFinite(steps(r))).toList();
    int examples = reached.isEmpty() ? 0 : reached.get(0).examples();
    if (there.size() < 2) {
      return new Found(examples, List.copyOf(reached), null, null);
    }
    StepsToTarget fit =
        StepsToTarget.fit(
            there.stream().mapToDouble(Reached::batch).toArray(),
            there.stream().mapToDouble(CriticalBatch::steps).toArray());
    return new Found(examples, List.copyOf(reached), fit, fit.critical(StepsToTarget.OVERHEAD));
  }

  private Reached run(int batch, double share, double factor, TrialLog log) throws IOException {
    Recipe plain = variants.with(List.of());
    double rate = factor * scaling.factor(batch / (double) plain.train().batch());
    Recipe recipe = variants.with(settings(plain, batch, share));
    String what = "critical-batch %s %s %s %s".formatted(target, window, share, rate);
    return log.get(recipe, what, Reached.class, () -> trial(recipe, batch, share, rate));
  }

  /** The recipe's epochs are the most that a run may last. */
  private List<String> settings(Recipe plain, int batch, double share) {
    List<String> out = new ArrayList<>();
    out.add("train.batch=" + batch);
    if (batch > atOnce) {
      out.add("train.micro-batch=" + atOnce);
    }
    out.add("train.epochs=" + plain.train().epochs() / share);
    out.add("train.save-every=1000000");
    return out;
  }

  private Reached trial(Recipe recipe, int batch, double share, double rate) throws IOException {
    Goal goal = new Goal(target);
    try (TrialRun run = new TrialRun(recipe, base, share)) {
      double decay = Math.min(MOST_DECAY, Math.exp(-batch / window));
      GradientTransform optimizer =
          new Chain(List.of(OptimizerKeys.times(recipe.optimizer(), rate), new Ema(decay)));
      run.train(optimizer, new ConstantSchedule(), goal);
      Double steps = goal.reached.isPresent() ? goal.reached.getAsDouble() : null;
      return new Reached(batch, run.examples(), rate, steps);
    }
  }
}
