package dev.luthier.run.batch;

import dev.luthier.run.Recipe;
import dev.luthier.run.Usage;
import dev.luthier.run.trial.TrialLog;
import dev.luthier.run.trial.TrialRun;
import dev.luthier.run.trial.Variants;
import dev.luthier.train.Listener;
import dev.luthier.train.noise.NoiseScale;
import dev.luthier.train.optim.OptimizerKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs a recipe with several batch sizes for the same number of epochs, and measures what each did
 * to loss, time, generalization and the noise of gradients.
 *
 * @param variants of the recipe
 * @param base what relative paths of inputs are relative to
 * @param atOnce the most examples computed at once: larger batches are added up from parts of so
 *     many
 * @param scaling of the learning rates from the recipe's batch to another
 * @param noiseBatches how many batches the noise is measured over
 */
public record BatchSizes(
    Variants variants, Path base, int atOnce, RateScaling scaling, int noiseBatches) {
  /** Examples of a batch that the noise is measured with. */
  private static final int NOISE_BATCH = 8;

  /** The processor's time of steps, without what lies between them. */
  private static final class Clock implements Listener {
    private double begun = Usage.cpuSeconds();
    private double spent;
    private long steps;
    private long examples;

    @Override
    public void started(RunInfo run) {
      begun = Usage.cpuSeconds();
    }

    @Override
    public Wish stepped(StepReport step) {
      double now = Usage.cpuSeconds();
      spent += now - begun;
      begun = now;
      steps++;
      examples += step.examples();
      return Wish.NONE;
    }

    @Override
    public Wish evaluated(Evaluation evaluation) {
      begun = Usage.cpuSeconds();
      return Wish.NONE;
    }
  }

  /** The trials of every batch size and seed; those that the log has are not made again. */
  public List<BatchTrial> run(
      List<Integer> batches, List<Long> seeds, TrialLog log, Consumer<String> say)
      throws IOException {
    List<BatchTrial> out = new ArrayList<>();
    for (int batch : batches) {
      for (long seed : seeds) {
        say.accept("== batches of " + batch + ", seed " + seed);
        Recipe recipe = variants.with(settings(batch, seed));
        String what = "batch-size " + scaling + " " + noiseBatches;
        out.add(log.get(recipe, what, BatchTrial.class, () -> trial(recipe, batch, seed)));
      }
    }
    return List.copyOf(out);
  }

  private List<String> settings(int batch, long seed) {
    List<String> out = new ArrayList<>();
    out.add("train.batch=" + batch);
    out.add("train.seed=" + seed);
    if (batch > atOnce) {
      out.add("train.micro-batch=" + atOnce);
    }
    return out;
  }

  private BatchTrial trial(Recipe recipe, int batch, long seed) throws IOException {
    int own = variants.with(List.of()).train().batch();
    double factor = scaling.factor(batch / (double) own);
    Clock clock = new Clock();
    try (TrialRun run = new TrialRun(recipe, base, 1)) {
      int small = Math.max(1, Math.min(NOISE_BATCH, run.examples() / 2));
      Recipe noisy = noisy(seed, small, Math.min(noiseBatches, run.examples() / small));
      NoiseScale before = run.noise(noisy);
      run.train(OptimizerKeys.times(recipe.optimizer(), factor), recipe.schedule(), clock);
      return new BatchTrial(
          batch,
          seed,
          factor,
          clock.steps,
          run.trainingLoss(),
          run.validationLoss(),
          clock.spent,
          clock.examples,
          before.simple(),
          run.noise(noisy).simple());
    }
  }

  /** Batches of one size, in random order so that each is a sample of the data. */
  private Recipe noisy(long seed, int small, int steps) {
    return variants.with(
        List.of(
            "train.batch=" + small,
            "train.seed=" + seed,
            "train.order=random",
            "train.clip-norm=0",
            "train.epochs=1",
            "train.max-steps=" + steps,
            "train.evaluate-every=1000000",
            "train.save-every=1000000"));
  }
}
