package dev.luthier.train;

import dev.luthier.train.precision.Float32;
import org.jspecify.annotations.Nullable;

/**
 * The {@code train} section of a recipe.
 *
 * @param epochs passes over the training data, above 0; 2.5 is allowed
 * @param maxSteps ends the run earlier, or null
 * @param batch examples of a step, unless {@code order} is {@code packed}
 * @param microBatch examples computed at once; a step's batch is split into such parts, which
 *     changes memory but not the result; null means the whole batch
 * @param seed of every random choice
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
 */
public record TrainSpec(
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
    Precision precision) {

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
        new Float32());
  }

  /** Checks the ranges. */
  public TrainSpec {
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
        "order is packed, so batch-tokens must say how many tokens a step holds; for instance 4096");
    require(
        order == BatchOrder.PACKED || batchTokens == null,
        "batch-tokens needs order: packed; else a step holds `batch` examples");
    require(
        evaluateEvery == null || evaluateEvery > 0,
        "evaluate-every must be above 0, not " + evaluateEvery);
    require(saveEvery == null || saveEvery > 0, "save-every must be above 0, not " + saveEvery);
    require(keep > 0, "keep must be above 0, not " + keep);
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
