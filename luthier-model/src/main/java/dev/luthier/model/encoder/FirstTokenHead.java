package dev.luthier.model.encoder;

import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;

/**
 * A head on sequences that reads the first token: activation(drop(h₀) W₁) W₂, with dropout before
 * the second layer.
 */
public final class FirstTokenHead implements HeadLayers {
  private final Form form;
  private final Linear dense;
  private final Linear output;

  /**
   * What families do differently.
   *
   * @param dense name of the first layer
   * @param output name of the second layer
   * @param activation between them
   * @param dropoutBefore on the first token's hidden state
   * @param dropoutBetween on what the second layer reads
   */
  public record Form(
      String dense,
      String output,
      Activation activation,
      double dropoutBefore,
      double dropoutBetween) {}

  /** Declares a head with one logit for each label. */
  public FirstTokenHead(Form form, EncoderSpec spec, int labels) {
    this.form = form;
    this.dense = Linear.of(spec.width(), spec.width(), spec.deviation());
    this.output = Linear.of(spec.width(), labels, spec.deviation());
  }

  @Override
  public Tensor logits(Tensor hidden, Tokens tokens, Pass pass) {
    Tensor firsts = tokens.segments().firsts().to(hidden.device());
    return ofFirsts(hidden.indexSelect(0, firsts), tokens, pass);
  }

  @Override
  public Outputs answer(Encoder encoder, Tokens tokens, Pass pass) {
    Tensor first = encoder.firsts(tokens, pass);
    return new Outputs(first, Scope.call(() -> ofFirsts(first, tokens, pass)));
  }

  /**
   * @param first the last hidden states of the first tokens {@code [sequences, width]}
   * @return {@code [sequences, labels]}
   */
  private Tensor ofFirsts(Tensor first, Tokens tokens, Pass pass) {
    Segments s = tokens.segments();
    Tensor in = pass.dropout(first, form.dropoutBefore(), "head input", s);
    Tensor h =
        pass.activated(dense, form.activation().apply(dense.forward(in, pass.at(form.dense()), s)));
    return output.forward(
        pass.dropout(h, form.dropoutBetween(), "head", s), pass.at(form.output()), s);
  }

  @Override
  public void parts(Parts parts) {
    parts.module(form.dense(), dense);
    parts.module(form.output(), output);
  }
}
