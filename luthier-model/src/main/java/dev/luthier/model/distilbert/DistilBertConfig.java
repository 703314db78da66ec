package dev.luthier.model.distilbert;

import dev.luthier.model.ModelConfig;
import dev.luthier.model.encoder.EncoderSpec;

/**
 * What config.json of DistilBERT says.
 *
 * @param encoder the sizes
 * @param sinusoidal whether positions are sines and cosines that are not trained
 * @param classifierDropout on what the classifier of sequences reads
 * @param answerDropout on what the question-answering head reads
 * @param tied whether the masked language model shares the word table
 */
public record DistilBertConfig(
    EncoderSpec encoder,
    boolean sinusoidal,
    double classifierDropout,
    double answerDropout,
    boolean tied) {
  private static final int LIMIT = 1 << 24;

  /** The norms' epsilon, which config.json does not carry. */
  private static final double EPSILON = 1e-12;

  /** Reads the configuration. */
  public static DistilBertConfig of(ModelConfig c) {
    int width = c.size("dim", 768, LIMIT);
    int heads = c.size("n_heads", 12, width);
    if (width % heads != 0) {
      throw c.error("n_heads", heads + " does not divide dim, which is " + width);
    }
    EncoderSpec encoder =
        new EncoderSpec(
            c.size("vocab_size", 30522, LIMIT),
            width,
            c.size("n_layers", 6, 4096),
            heads,
            c.size("hidden_dim", 3072, LIMIT),
            c.size("max_position_embeddings", 512, LIMIT),
            0,
            0,
            c.activation("activation", "gelu"),
            EPSILON,
            c.dropout("dropout", 0.1),
            c.dropout("attention_dropout", 0.1),
            c.number("initializer_range", 0.02, 0, 1000));
    return new DistilBertConfig(
        encoder,
        c.flag("sinusoidal_pos_embds", false),
        c.dropout("seq_classif_dropout", 0.2),
        c.dropout("qa_dropout", 0.1),
        c.flag("tie_word_embeddings", true));
  }
}
