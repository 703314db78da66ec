package dev.luthier.model.encoder;

import dev.luthier.model.nn.Activation;

/**
 * What an encoder's mathematics depends on.
 *
 * @param vocabulary rows of the word table
 * @param width of the hidden states
 * @param layers number of layers
 * @param heads attention heads of a layer; divides the width
 * @param inner width inside the feed-forward block
 * @param positions rows of the position table
 * @param firstPosition the row that the first token of a sequence gets
 * @param types rows of the segment table; 0 if there is none
 * @param activation inside the feed-forward block
 * @param epsilon of the layer norms
 * @param dropout on the embeddings and on what each block adds
 * @param attentionDropout on the attention weights
 * @param deviation of the normal distribution that new weights are drawn from
 */
public record EncoderSpec(
    int vocabulary,
    int width,
    int layers,
    int heads,
    int inner,
    int positions,
    int firstPosition,
    int types,
    Activation activation,
    double epsilon,
    double dropout,
    double attentionDropout,
    double deviation) {

  /** The longest sequence the position table allows. */
  public int maxTokens() {
    return positions - firstPosition;
  }
}
