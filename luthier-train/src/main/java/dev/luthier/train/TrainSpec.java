package dev.luthier.train;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The {@code train} section of a recipe.
 *
 * @param epochs passes over the training data, above 0; 2.5 is allowed
 * @param maxSteps ends the run earlier, or null
 * @param batch examples of a step, unless {@code order} is {@code packed}
 * @param microBatch examples computed at once; a step's batch is split into such parts, which
 *     changes memory but not the result; null means the whole batch. An objective that compares the
 *     examples of a batch with each other gets it whole, but holds the activations of so many
 *     examples alone, and runs the model again for the backward pass; {@code mixup}, and what
 *     {@code joint} puts beside such an objective, hold those of the whole batch
 * @param seed of every random choice
 * @param initSeed of the weights that are new, such as a head or an adapter; null is {@code seed}
 * @param dataSeed of which examples {@code limit-per-label} draws, and of the order in which
 *     examples come; null is {@code seed}
 * @param clipNorm bound of the gradient's global norm; 0 means none
 * @param order how examples become batches
 * @param batchTokens the most tokens of a step where {@code order} is {@code packed}, and null
 *     elsewhere; an example that is longer makes a step of its own
 * @param evaluateEvery steps between evaluations on the validation data; null means once an epoch
 * @param saveEvery steps between checkpoints; null means once an epoch
 * @param keep how many checkpoints stay
 * @param earlyStopping when to stop for lack of progress, or null
 * @param precision the numbers to compute with: {@code float32}, {@code bfloat16} or {@code
 *     float16}
 * @param memory what of a step is kept, and what is computed again
 * @param groups parameters that are updated in ways of their own
 * @param layerDecay what the learning rate of a layer is multiplied by for each layer further down,
 *     in (0, 1]: what is above the layers has the whole rate, the embeddings have the least. A
 *     group with an {@code lr} of its own has that. 1 is the same rate in all layers
 * @param schedules of other quantities than the learning rate
 */
public record TrainSpec(
    double epochs,
    @Nullable Long maxSteps,
    int batch,
    @Nullable Integer microBatch,
    long seed,
    @Nullable Long initSeed,
    @Nullable Long dataSeed,
    double clipNorm,
    BatchOrder order,
    @Nullable Integer batchTokens,
    @Nullable Long evaluateEvery,
    @Nullable Long saveEvery,
    int keep,
    @Nullable EarlyStoppingSpec earlyStopping,
    Precision precision,
    MemorySpec memory,
    List<GroupSpec> groups,
    double layerDecay,
    SchedulesSpec schedules) {

  /** One seed for all, and all parameters updated alike. */
  public TrainSpec(
      double epochs,
      @Nullable Long maxSteps,
      int batch,
      @Nullable Integer microBatch,
      long seed,
      double clipNorm,
      BatchOrder order,
      @Nullable Integer batchTokens,
      @Nullable Long evaluateEvery,
      @Nullable Long saveEvery,
      int keep,
      @Nullable EarlyStoppingSpec earlyStopping,
      Precision precision,
      MemorySpec memory) {
    this(
        epochs,
        maxSteps,
        batch,
        microBatch,
        seed,
        null,
        null,
        clipNorm,
        order,
        batchTokens,
        evaluateEvery,
        saveEvery,
        keep,
        earlyStopping,
        precision,
        memory,
        List.of(),
        1,
        new SchedulesSpec());
  }

  /** Three epochs of batches of 32. */
  public TrainSpec() {
    this(
        3,
        null,
        32,
        null,
        0,
        1,
        BatchOrder.SIMILAR_LENGTH,
        null,
        null,
        null,
        2,
        null,
        new Float32(),
        new MemorySpec());
  }

  /** Checks the ranges. */
  public TrainSpec {
    groups = List.copyOf(groups);
    require(layerDecay > 0 && layerDecay <= 1, "layer-decay must be in (0, 1], not " + layerDecay);
    require(epochs > 0 && Double.isFinite(epochs), "epochs must be above 0, not " + epochs);
    require(maxSteps == null || maxSteps > 0, "max-steps must be above 0, not " + maxSteps);
    require(batch > 0, "batch must be above 0, not " + batch);
    require(microBatch == null || microBatch > 0, "micro-batch must be above 0, not " + microBatch);
    require(
        clipNorm >= 0 && Double.isFinite(clipNorm),
        "clip-norm must be at least 0, not " + clipNorm);
    require(
        batchTokens == null || batchTokens > 0, "batch-tokens must be above 0, not " + batchTokens);
    require(
        order != BatchOrder.PACKED || batchTokens != null,
        "order is packed, so batch-tokens must say how many tokens a step holds; for instance"
            + " 4096");
    require(
        order == BatchOrder.PACKED || batchTokens == null,
        "batch-tokens needs order: packed; else a step holds `batch` examples");
    require(
        order != BatchOrder.PACKED || schedules.batch() == null,
        "order is packed, where batch-tokens says what a step holds; leave schedules.batch out");
    require(
        evaluateEvery == null || evaluateEvery > 0,
        "evaluate-every must be above 0, not " + evaluateEvery);
    require(saveEvery == null || saveEvery > 0, "save-every must be above 0, not " + saveEvery);
    require(keep > 0, "keep must be above 0, not " + keep);
  }

  /** The seed of weights that are new. */
  public long seedOfInit() {
    return initSeed == null ? seed : initSeed;
  }

  /** The seed of which examples come, and of their order. */
  public long seedOfData() {
    return dataSeed == null ? seed : dataSeed;
  }

  /**
   * What of a step is kept, and what is computed again.
   *
   * @param checkpointActivations whether a layer keeps its input alone and is run again for the
   *     backward pass: less memory for about a third more time, the same gradients to the bit (Chen
   *     et al. 2016, arXiv:1604.06174)
   * @param cacheFrozen whether the layers below everything that is trained run without dropout, and
   *     what they give for an example is kept for later epochs: in memory up to 256 MiB, beyond it
   *     in a file in the run's folder that goes with the run. Without it they run each time, with
   *     dropout
   * @param updateInBackward whether a parameter is updated as soon as the backward pass has its
   *     gradient, which is then dropped: the gradients of all are never held at once, and the
   *     weights are the same to the bit (Lv et al. 2023, arXiv:2306.09782). Not with {@code
   *     clip-norm}, {@code micro-batch}, a scaled loss, or an optimizer that looks at all gradients
   *     first
   */
  public record MemorySpec(
      boolean checkpointActivations, boolean cacheFrozen, boolean updateInBackward) {
    /** Everything the backward pass needs is kept, and what frozen layers give. */
    public MemorySpec() {
      this(false, true, false);
    }
  }

  /**
   * When to stop for lack of progress on the validation data.
   *
   * @param metric what to watch: {@code loss} or a metric of {@code evaluate}
   * @param patience evaluations without progress before stopping
   * @param minDelta the least change that counts as progress
   * @param mode whether more or less is better; {@code auto} knows the metric
   */
  public record EarlyStoppingSpec(String metric, int patience, double minDelta, Mode mode) {
    /** Validation loss, three evaluations. */
    public EarlyStoppingSpec() {
      this("loss", 3, 0, Mode.AUTO);
    }

    /** Checks the ranges. */
    public EarlyStoppingSpec {
      require(patience > 0, "patience must be above 0, not " + patience);
      require(minDelta >= 0, "min-delta must be at least 0, not " + minDelta);
    }
  }

  /** Which direction is better. */
  public enum Mode {
    /** As the metric says. */
    AUTO,
    /** Less is better. */
    MIN,
    /** More is better. */
    MAX
  }

  private static void require(boolean ok, String message) {
    if (!ok) {
      throw new IllegalArgumentException(message);
    }
  }
}
