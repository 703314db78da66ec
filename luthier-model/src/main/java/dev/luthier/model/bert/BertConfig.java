package dev.luthier.model.bert;

import dev.luthier.model.ModelConfig;
import dev.luthier.model.encoder.EncoderSpec;

/**
 * What config.json of BERT and its variants says.
 *
 * @param encoder the sizes
 * @param classifierDropout on what the classifier reads
 * @param tied whether the masked language model shares the word table
 */
public record BertConfig(EncoderSpec encoder, double classifierDropout, boolean tied) {
  private static final int LIMIT = 1 << 24;

  /**
   * What counts where the file does not say, and where variants differ.
   *
   * @param vocabulary rows of the word table
   * @param padding the id that fills batches, which some variants count positions from; -1 if
   *     positions start at 0
   */
  public record Presets(int vocabulary, int padding) {}

  /** Reads the configuration. */
  public static BertConfig of(ModelConfig c, Presets presets) {
    c.requireIfPresent("position_embedding_type", "absolute");
    c.requireIfPresent("is_decoder", false);
    c.requireIfPresent("add_cross_attention", false);
    int width = c.size("hidden_size", 768, LIMIT);
    int heads = c.size("num_attention_heads", 12, width);
    if (width % heads != 0) {
      throw c.error(
          "num_attention_heads", heads + " does not divide hidden_size, which is " + width);
    }
    int first =
        presets.padding() < 0 ? 0 : c.integer("pad_token_id", presets.padding(), 0, LIMIT) + 1;
    int positions = c.size("max_position_embeddings", 512, LIMIT);
    if (positions <= first) {
      throw c.error(
          "max_position_embeddings", positions + " leaves no position after the first " + first);
    }
    double dropout = c.dropout("hidden_dropout_prob", 0.1);
    EncoderSpec encoder =
        new EncoderSpec(
            c.size("vocab_size", presets.vocabulary(), LIMIT),
            width,
            c.size("num_hidden_layers", 12, 4096),
            heads,
            c.size("intermediate_size", 3072, LIMIT),
            positions,
            first,
            c.size("type_vocab_size", 2, LIMIT),
            c.activation("hidden_act", "gelu"),
            c.number("layer_norm_eps", 1e-12, 0, 1),
            dropout,
            c.dropout("attention_probs_dropout_prob", 0.1),
            c.number("initializer_range", 0.02, 0, 1000));
    return new BertConfig(
        encoder, c.dropout("classifier_dropout", dropout), c.flag("tie_word_embeddings", true));
  }
}
