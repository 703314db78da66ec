package dev.luthier.data.split;

import dev.luthier.data.Dataset;

/**
 * One data set in three; validation and test may be empty. Each example is in exactly one.
 *
 * @param keptForTraining labels of one example only, which stayed in training
 */
public record Parts(Dataset train, Dataset validation, Dataset test, int keptForTraining) {}
