package dev.luthier.model.llama;

import dev.luthier.model.ModelConfig;
import dev.luthier.model.ModelException;
import dev.luthier.model.nn.Activation;
import dev.luthier.model.rope.DynamicNtkRope;
import dev.luthier.model.rope.RopeFrequencies;
import dev.luthier.model.rope.RopeKeys;

/**
 * What config.json of Llama says.
 *
 * @param vocabulary rows of the word table
 * @param width of the hidden states
 * @param layers number of layers
 * @param heads attention heads of a layer
 * @param groups heads of keys and values of a layer; divides the number of heads
 * @param headWidth of each head, even
 * @param inner width inside the feed-forward block
 * @param positions the longest text it was made for, in tokens
 * @param rope how fast the pairs of a head turn with the position
 * @param activation of the gate
 * @param epsilon of the norms
 * @param attentionBias whether the projections of attention have a bias
 * @param feedForwardBias whether the feed-forward layers have a bias
 * @param attentionDropout on the attention weights
 * @param classifierDropout on what the classifier of tokens reads
 * @param tied whether the language model's head is the word table
 * @param padding the id that fills batches elsewhere, or -1
 * @param deviation of the normal distribution that new weights are drawn from
 */
public record LlamaConfig(
    int vocabulary,
    int width,
    int layers,
    int heads,
    int groups,
    int headWidth,
    int inner,
    int positions,
    RopeFrequencies rope,
    Activation activation,
    double epsilon,
    boolean attentionBias,
    boolean feedForwardBias,
    double attentionDropout,
    double classifierDropout,
    boolean tied,
    int padding,
    double deviation) {
  private static final int LIMIT = 1 << 24;

  /**
   * Reads the configuration.
   *
   * @throws ModelException if a value cannot be, or an option is not supported
   */
  public static LlamaConfig of(ModelConfig c) {
    c.requireIfPresent("add_cross_attention", false);
    if (c.has("quantization_config")) {
      throw c.error(
          "quantization_config", "quantized weights cannot be read; take the model they came from");
    }
    int width = c.size("hidden_size", 4096, LIMIT);
    int heads = c.size("num_attention_heads", 32, width);
    int groups = c.size("num_key_value_heads", heads, heads);
    requireDivides(c, "num_attention_heads", heads, "hidden_size", width);
    requireDivides(c, "num_key_value_heads", groups, "num_attention_heads", heads);
    int headWidth = c.size("head_dim", width / heads, LIMIT);
    int positions = c.size("max_position_embeddings", 2048, 1 << 30);
    int vocabulary = c.size("vocab_size", 32000, LIMIT);
    return new LlamaConfig(
        vocabulary,
        width,
        c.size("num_hidden_layers", 32, 4096),
        heads,
        groups,
        headWidth,
        c.size("intermediate_size", 11008, LIMIT),
        positions,
        RopeKeys.read(c, headWidth, positions),
        c.activation("hidden_act", "silu"),
        c.number("rms_norm_eps", 1e-6, 0, 1),
        c.flag("attention_bias", false),
        c.flag("mlp_bias", false),
        c.dropout("attention_dropout", 0),
        c.dropout("classifier_dropout", c.dropout("hidden_dropout", 0.1)),
        c.flag("tie_word_embeddings", false),
        c.integer("pad_token_id", -1, -1, vocabulary - 1),
        c.number("initializer_range", 0.02, 0, 1000));
  }

  private static void requireDivides(
      ModelConfig c, String key, int divisor, String ofKey, int number) {
    if (number % divisor != 0) {
      throw c.error(key, divisor + " does not divide " + ofKey + ", which is " + number);
    }
  }

  /** The longest text it was made for, in tokens; dynamic positions stretch by their factor. */
  int maxTokens() {
    return rope instanceof DynamicNtkRope d
        ? (int) Math.min(Integer.MAX_VALUE, positions * d.factor())
        : positions;
  }
}
