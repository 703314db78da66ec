package dev.luthier.run.batch;

/**
 * What a batch size did.
 *
 * @param batch examples of a step
 * @param seed of the run
 * @param rateFactor what the recipe's learning rates were multiplied by
 * @param steps made
 * @param trainingLoss of the tuned weights on the training data, without dropout
 * @param validationLoss of the tuned weights
 * @param cpuSeconds of all threads, spent in steps
 * @param examples seen, repetitions counted
 * @param noiseBefore the gradient noise scale of the weights before training, in examples
 * @param noiseAfter that of the tuned weights
 */
public record BatchTrial(
    int batch,
    long seed,
    double rateFactor,
    long steps,
    double trainingLoss,
    double validationLoss,
    double cpuSeconds,
    long examples,
    double noiseBefore,
    double noiseAfter) {
  /** The generalization gap: how much worse what was not learnt from is. */
  public double gap() {
    return validationLoss - trainingLoss;
  }
}
