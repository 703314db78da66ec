package dev.luthier.architecture.broken.model;

import org.bytedeco.javacpp.Pointer;

/** Uses the binding outside of the facade. */
public record Smuggler(Pointer pointer) {}
