package dev.luthier.model.encoder;

import dev.luthier.model.Readout;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
    return linear.forward(read(hidden, tokens, pass), pass.at(name), tokens.wantedSegments());
  }

  @Override
  public @Nullable Readout readout(Supplier<Tensor> hidden, Tokens tokens, Pass pass) {
    return linear.delta() == null ? new Readout(read(hidden.get(), tokens, pass), linear) : null;
  }

  private Tensor read(Tensor hidden, Tokens tokens, Pass pass) {
    Tensor h = pass.dropout(hidden, dropout, "head", tokens.segments());
    return HeadLayers.wanted(h, tokens);
  }

  @Override
  public void parts(Parts parts) {
    parts.module(name, linear);
  }
}
