package dev.luthier.model.encoder;

import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Tensor;

/** A head on tokens: one linear layer over each wanted token's hidden state, with dropout. */
public final class TokenHead implements HeadLayers {
  private final String name;
  private final Linear linear;
  private final double dropout;

  /**
   * Declares a head.
   *
   * @param name of its layer
   * @param labels logits of each token
   */
  public TokenHead(String name, EncoderSpec spec, int labels, double dropout) {
    this(name, Linear.of(spec.width(), labels, spec.deviation()), dropout);
  }

  /** A head of a given layer, which may share its weight. */
  public TokenHead(String name, Linear linear, double dropout) {
    this.name = name;
    this.linear = linear;
    this.dropout = dropout;
  }

  @Override
  public Tensor logits(Tensor hidden, Tokens tokens, Pass pass) {
    Tensor h = pass.dropout(hidden, dropout, "head", tokens.segments());
    return linear.forward(HeadLayers.wanted(h, tokens), pass.at(name), tokens.wantedSegments());
  }

  @Override
  public void parts(Parts parts) {
    parts.module(name, linear);
  }
}
