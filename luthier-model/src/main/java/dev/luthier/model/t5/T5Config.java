package dev.luthier.model.t5;

import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.nn.Activation;
import java.util.Objects;

/**
 * What config.json of T5 says.
 *
 * @param vocabulary rows of the word table
 * @param width of the hidden states
 * @param headWidth of each head; heads together may be wider or narrower than the hidden states
 * @param heads attention heads of a layer
 * @param inner width inside the feed-forward block
 * @param layers of the encoder
 * @param decoderLayers of the decoder
 * @param buckets how many distances between tokens are told apart
 * @param maxDistance from which distance on all are one
 * @param activation in the feed-forward block
 * @param gated whether a second linear layer multiplies what was activated
 * @param epsilon of the norms
 * @param dropout everywhere
 * @param tied whether the decoder's output is scaled by width^-0.5 and read by the word table
 * @param start the token that the decoder's input begins with
 * @param factor of the deviations that new weights are drawn with
 */
public record T5Config(
    int vocabulary,
    int width,
    int headWidth,
    int heads,
    int inner,
    int layers,
    int decoderLayers,
    int buckets,
    int maxDistance,
    Activation activation,
    boolean gated,
    double epsilon,
    double dropout,
    boolean tied,
    int start,
    double factor) {
  private static final int LIMIT = 1 << 24;
  private static final int HEADS = 1 << 12;
  private static final String GATED = "gated-";

  /**
   * Reads the configuration.
   *
   * @throws ModelException if a value cannot be, or an option is not supported
   */
  public static T5Config of(ModelConfig c) {
    c.requireIfPresent("is_encoder_decoder", true);
    if (c.has("quantization_config")) {
      throw c.error(
          "quantization_config", "quantized weights cannot be read; take the model they came from");
    }
    int vocabulary = c.size("vocab_size", 32128, LIMIT);
    int layers = c.size("num_layers", 6, 4096);
    int buckets = c.integer("relative_attention_num_buckets", 32, 4, LIMIT);
    String block = c.text("feed_forward_proj", "relu");
    boolean gated = block.startsWith(GATED);
    int padding = c.integer("pad_token_id", 0, 0, vocabulary - 1);
    return new T5Config(
        vocabulary,
        c.size("d_model", 512, LIMIT),
        c.size("d_kv", 64, HEADS),
        c.size("num_heads", 8, HEADS),
        c.size("d_ff", 2048, LIMIT),
        layers,
        c.size("num_decoder_layers", layers, 4096),
        buckets,
        maxDistance(c, buckets),
        activation(c, gated ? block.substring(GATED.length()) : block, gated),
        gated,
        c.number("layer_norm_epsilon", 1e-6, 0, 1),
        c.dropout("dropout_rate", 0.1),
        tied(c),
        c.integer("decoder_start_token_id", padding, 0, vocabulary - 1),
        c.number("initializer_factor", 1, 0, 1000));
  }

  /** Half of the buckets are for single distances; beyond them there must be something to part. */
  private static int maxDistance(ModelConfig c, int buckets) {
    String key = "relative_attention_max_distance";
    int distance = c.size(key, 128, LIMIT);
    if (distance <= buckets / 2) {
      throw c.error(
          key,
          distance
              + " is not above half of relative_attention_num_buckets, which is "
              + buckets / 2);
    }
    return distance;
  }

  /** The gate that files call gelu is the tanh form of it. */
  private static Activation activation(ModelConfig c, String name, boolean gated) {
    try {
      return gated && name.equals("gelu") ? Activation.GELU_NEW : Activation.of(name);
    } catch (IllegalArgumentException e) {
      throw c.error(
          "feed_forward_proj",
          Objects.requireNonNullElse(e.getMessage(), name) + ", alone or behind '" + GATED + "'");
    }
  }

  /**
   * Version 5 of transformers writes {@code tie_word_embeddings: true} into every file, and says by
   * a key of its own how the decoder's output is read.
   */
  private static boolean tied(ModelConfig c) {
    return c.flag("scale_decoder_outputs", c.flag("tie_word_embeddings", true));
  }

  /** The width of all heads of a layer together. */
  public int headsWidth() {
    return heads * headWidth;
  }

  /** The deviation of new weights that read so many numbers. */
  double deviation(double reads) {
    return factor / Math.sqrt(reads);
  }
}
