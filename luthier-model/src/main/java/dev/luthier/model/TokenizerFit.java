package dev.luthier.model;

import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a tokenizer belongs to a network. */
final class TokenizerFit {
  private TokenizerFit() {}

  /**
   * What deserves to be known about the pair.
   *
   * @throws ModelException if the tokenizer gives ids the network has no row for
   */
  static List<String> check(@Nullable Tokenizer tokenizer, ModelConfig config, Model model) {
    if (tokenizer == null) {
      return Family.of(config).patch(config) == null
          ? List.of("there is no tokenizer beside the model")
          : List.of();
    }
    int rows = model.vocabulary();
    if (tokenizer.maxId() >= rows) {
      throw new ModelException(
          tokenizer.where()
              + ": gives ids up to "
              + tokenizer.maxId()
              + ", but "
              + config.where()
              + " has vocab_size "
              + rows
              + "; this is the tokenizer of another model");
    }
    List<String> notes = new ArrayList<>(tokenizer.warnings());
    if (tokenizer.vocabSize() < 0.9 * rows) {
      notes.add(
          "the tokenizer knows only "
              + tokenizer.vocabSize()
              + " of the model's "
              + rows
              + " tokens; is it the right one?");
    }
    Integer pad = tokenizer.id(SpecialToken.PAD);
    if (pad != null && config.has("pad_token_id")) {
      int expected = config.integer("pad_token_id", pad, 0, Integer.MAX_VALUE);
      if (expected != pad) {
        throw new ModelException(
            tokenizer.where()
                + ": the padding token has id "
                + pad
                + ", but "
                + config.where()
                + " has pad_token_id "
                + expected
                + "; this is the tokenizer of another model");
      }
    }
    return notes;
  }
}
