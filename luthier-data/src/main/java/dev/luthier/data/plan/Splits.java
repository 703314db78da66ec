package dev.luthier.data.plan;

import dev.luthier.data.Dataset;
import dev.luthier.data.label.Labels;
import org.jspecify.annotations.Nullable;

/**
 * What a recipe's data section yields.
 *
 * @param train what to learn from; never empty
 * @param validation what to choose the best state by, or null
 * @param test what to measure the result on, or null
 * @param labels the classes, or null where the task has none
 * @param report every count along the way
 */
public record Splits(
    Dataset train,
    @Nullable Dataset validation,
    @Nullable Dataset test,
    @Nullable Labels labels,
    DataReport report) {}
