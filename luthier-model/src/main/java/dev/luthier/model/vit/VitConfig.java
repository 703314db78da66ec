package dev.luthier.model.vit;

import dev.luthier.model.ModelConfig;
import dev.luthier.model.nn.Activation;

/**
 * What config.json of a Vision Transformer says.
 *
 * @param image the side of the images its positions are for, in pixels
 * @param patch the side of a patch, in pixels; divides that of the image
 * @param channels colours of a pixel
 * @param width of the hidden states
 * @param layers number of layers
 * @param heads attention heads of a layer; divides the width
 * @param inner width inside the feed-forward block
 * @param biased whether queries, keys and values have a bias
 * @param activation inside the feed-forward block
 * @param epsilon of the layer norms
 * @param dropout on the embeddings and on what each block adds
 * @param attentionDropout on the attention weights
 * @param deviation of the normal distribution that new weights are drawn from
 */
public record VitConfig(
    int image,
    int patch,
    int channels,
    int width,
    int layers,
    int heads,
    int inner,
    boolean biased,
    Activation activation,
    double epsilon,
    double dropout,
    double attentionDropout,
    double deviation) {
  private static final int LIMIT = 1 << 24;
  private static final int PIXELS = 1 << 13;

  /** Reads the configuration. */
  public static VitConfig of(ModelConfig c) {
    int width = c.size("hidden_size", 768, LIMIT);
    int heads = c.size("num_attention_heads", 12, width);
    if (width % heads != 0) {
      throw c.error(
          "num_attention_heads", heads + " does not divide hidden_size, which is " + width);
    }
    int image = c.size("image_size", 224, PIXELS);
    int patch = patch(c);
    if (image % patch != 0) {
      throw c.error("patch_size", patch + " does not divide image_size, which is " + image);
    }
    return new VitConfig(
        image,
        patch,
        c.size("num_channels", 3, 1 << 10),
        width,
        c.size("num_hidden_layers", 12, 4096),
        heads,
        c.size("intermediate_size", 3072, LIMIT),
        c.flag("qkv_bias", true),
        c.activation("hidden_act", "gelu"),
        c.number("layer_norm_eps", 1e-12, 0, 1),
        c.dropout("hidden_dropout_prob", 0),
        c.dropout("attention_probs_dropout_prob", 0),
        c.number("initializer_range", 0.02, 0, 1000));
  }

  /** The side of a patch, in pixels. */
  static int patch(ModelConfig c) {
    return c.size("patch_size", 16, PIXELS);
  }

  /** The patches along one side of the images its positions are for. */
  public int side() {
    return image / patch;
  }
}
