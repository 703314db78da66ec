package dev.luthier.eval.metric;

/**
 * One bar of a reliability diagram: examples of similar confidence, and how often they were right.
 *
 * @param lower the least confidence in the bin
 * @param upper the greatest confidence in the bin
 * @param count how many examples are in it
 * @param confidence their mean confidence, or NaN for an empty bin
 * @param accuracy the share of them that is right, or NaN for an empty bin
 */
public record ReliabilityBin(
    double lower, double upper, long count, double confidence, double accuracy) {}
