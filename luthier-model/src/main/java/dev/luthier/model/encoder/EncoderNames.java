package dev.luthier.model.encoder;

import dev.luthier.model.nn.StabilityNorms;

/**
 * A family's names for the parts of the encoder.
 *
 * @param layers of the list of layers
 * @param query of the projection to queries, within a layer; the following likewise
 * @param key of the projection to keys
 * @param value of the projection to values
 * @param mixed of the projection of what attention gives
 * @param attentionNorm of the norm after attention
 * @param widen of the first layer of the feed-forward block
 * @param narrow of the second layer of the feed-forward block
 * @param outputNorm of the norm after the feed-forward block
 */
public record EncoderNames(
    String layers,
    String query,
    String key,
    String value,
    String mixed,
    String attentionNorm,
    String widen,
    String narrow,
    String outputNorm) {

  /** Of norms that the families lack: after the layer whose output they normalise. */
  StabilityNorms.Names stability() {
    return new StabilityNorms.Names(
        query + "_norm", key + "_norm", value + "_norm", mixed + "_norm", narrow + "_norm");
  }
}
