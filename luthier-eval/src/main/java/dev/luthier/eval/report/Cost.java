package dev.luthier.eval.report;

/**
 * What a run took.
 *
 * @param wallSeconds from start to end
 * @param cpuSeconds summed over all cores
 * @param peakMemoryBytes the most memory the process held
 * @param parameters of the whole model
 * @param trainableParameters those that training changed
 * @param savedBytes what the run left on disk to be used
 * @param energy an estimate
 */
public record Cost(
    double wallSeconds,
    double cpuSeconds,
    long peakMemoryBytes,
    long parameters,
    long trainableParameters,
    long savedBytes,
    EnergyEstimate energy) {}
