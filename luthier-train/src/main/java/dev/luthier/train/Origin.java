package dev.luthier.train;

import dev.luthier.model.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a run comes from.
 *
 * @param folder what relative paths in the recipe are relative to
 * @param labels the classes, in the order of the logits; empty for tasks without classes
 * @param tokenizer of the model, or null if none is known
 * @param drawn names of the parameters that no checkpoint gave, so that they were drawn at random
 * @param validation the fingerprint of the validation data, or null without any
 */
public record Origin(
    Path folder,
    List<String> labels,
    @Nullable Tokenizer tokenizer,
    Set<String> drawn,
    @Nullable String validation) {
  /** Copies. */
  public Origin {
    labels = List.copyOf(labels);
    drawn = Set.copyOf(drawn);
  }

  /** A run without validation data. */
  public Origin(
      Path folder, List<String> labels, @Nullable Tokenizer tokenizer, Set<String> drawn) {
    this(folder, labels, tokenizer, drawn, null);
  }

  /** A run of which the folder alone is known. */
  public static Origin of(Path folder) {
    return new Origin(folder, List.of(), null, Set.of());
  }
}
