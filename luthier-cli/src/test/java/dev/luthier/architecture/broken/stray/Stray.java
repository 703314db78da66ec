package dev.luthier.architecture.broken.stray;

/** Belongs to no module. */
public record Stray() {}
