package dev.luthier.train;

/**
 * What a checkpoint belongs to. A run resumes only with the same three.
 *
 * @param recipe hash of the resolved recipe
 * @param data fingerprint of the training data as the model sees it
 * @param base fingerprint of the model before training, and of others that the objective reads
 */
public record Identity(String recipe, String data, String base) {}
