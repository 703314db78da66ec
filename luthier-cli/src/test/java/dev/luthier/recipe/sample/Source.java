package dev.luthier.recipe.sample;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** No defaults: what is not nullable is required. */
public record Source(Path file, String text, @Nullable String label, @Nullable Integer limit) {}
