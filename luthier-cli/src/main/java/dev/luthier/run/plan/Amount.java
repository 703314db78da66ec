package dev.luthier.run.plan;

/**
 * An amount of memory or disk.
 *
 * @param name what takes it
 * @param bytes how much
 * @param note how it comes about, may be empty
 */
public record Amount(String name, long bytes, String note) {}
