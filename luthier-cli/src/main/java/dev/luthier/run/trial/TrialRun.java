package dev.luthier.run.trial;

import dev.luthier.data.batch.EncodedDataset;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Encoder;
import dev.luthier.model.nn.Modules;
import dev.luthier.run.Prepared;
import dev.luthier.run.Recipe;
import dev.luthier.tensor.Rng;
import dev.luthier.train.EvaluationLoss;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Identity;
import dev.luthier.train.Listener;
import dev.luthier.train.Schedule;
import dev.luthier.train.TrainingException;
import dev.luthier.train.checkpoint.Checkpoints;
import dev.luthier.train.loop.Trainer;
import dev.luthier.train.noise.NoiseMeter;
import dev.luthier.train.noise.NoiseScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A model and its data in memory, to be trained once and asked; nothing of it is kept. */
public final class TrialRun implements AutoCloseable {
  private final Prepared run;
  private final Path base;
  private final EncodedDataset train;

  /**
   * Loads and adapts.
   *
   * @param share of the training examples to learn from, drawn by the recipe's seed
   */
  public TrialRun(Recipe recipe, Path base, double share) {
    this.run = Prepared.load(recipe, base);
    var unused = validation(run); // Rather now than when the first trial has been made.
    this.base = base;
    Rng.Key key = Rng.Key.of(recipe.train().seedOfInit()).with("adapt");
    recipe.adapt().forEach(a -> a.apply(run.model(), key));
    this.train = part(run.train().data(), share, recipe.train().seedOfData());
  }

  private static EncodedDataset part(EncodedDataset of, double share, long seed) {
    if (share == 1) {
      return of;
    }
    int size = Math.max(1, (int) Math.round(share * of.size()));
    int[] places = Rng.permutation(Rng.Key.of(seed).with("share"), of.size());
    List<EncodedExample> kept = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      kept.add(of.examples().get(places[i]).at(i));
    }
    return new EncodedDataset(of.name(), kept, of.fingerprint() + " " + share);
  }

  /** How many examples there are to learn from. */
  public int examples() {
    return train.size();
  }

  /** Trains by the recipe but for what is given, and tells what happens. */
  public void train(GradientTransform optimizer, Schedule schedule, Listener listener)
      throws IOException {
    train(run.recipe(), optimizer, schedule, listener);
  }

  private void train(
      Recipe recipe, GradientTransform optimizer, Schedule schedule, Listener listener)
      throws IOException {
    Path scratch = Files.createTempDirectory("luthier-trial");
    try {
      var unused =
          new Trainer(
                  new Trainer.Setup(
                      run.model().model(),
                      recipe.objective(),
                      optimizer,
                      schedule,
                      train,
                      run.collator(),
                      recipe.train(),
                      List.of(listener),
                      new Checkpoints(scratch, 1, new Identity("", "", ""), say -> {}),
                      () -> Map.of("loss", validationLoss()),
                      run.origin(base)))
              .run();
    } finally {
      delete(scratch);
    }
  }

  /** The mean loss of the present weights on the examples they learn from, without dropout. */
  public double trainingLoss() {
    return loss(train);
  }

  /** The mean loss of the present weights on the validation data. */
  public double validationLoss() {
    return loss(validation(run).data());
  }

  private static Encoder.Encoded validation(Prepared run) {
    Encoder.Encoded validation = run.validation();
    if (validation == null) {
      throw new TrainingException(
          "data: there is nothing to validate on, and trials are compared by the validation loss;"
              + " give data.validation, or data.split.validation");
    }
    return validation;
  }

  private double loss(EncodedDataset data) {
    return EvaluationLoss.of(run.model().model(), run.recipe().objective(), data, run.collator());
  }

  /**
   * The noise of the gradients at the present weights, which stay as they are.
   *
   * @param asked how: batches in random order, no clipping, so many steps
   */
  public NoiseScale noise(Recipe asked) throws IOException {
    try (NoiseMeter meter = new NoiseMeter()) {
      train(asked, meter, (step, steps) -> 1, new Listener() {});
      return meter.scale(asked.train().batch());
    }
  }

  @Override
  public void close() {
    Modules.parameters(run.model().model()).values().forEach(p -> p.value().close());
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
