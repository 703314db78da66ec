package dev.luthier.architecture.broken.train;

import dev.luthier.architecture.broken.tensor.LooksUp;
import java.util.List;

/** Uses a module below, as it may. */
public record High(List<LooksUp> low) {}
