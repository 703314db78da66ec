package dev.luthier.architecture.broken.tensor;

import dev.luthier.architecture.broken.train.High;

/** Uses a module above its own, which uses it. */
public record LooksUp(High high) {}
