package dev.luthier.model.llama;

import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.encoder.HeadLayers;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;

/**
 * A head on sequences that reads the last token, which has seen all others: one linear layer. As in
 * the reference, the last token is the last that is not the padding id, even where a text itself
 * ends with that id; the first if all are.
 */
public final class LastTokenHead implements HeadLayers {
  private final String name;
  private final Linear linear;
  private final int padding;

  /**
   * Declares a head.
   *
   * @param name of its layer
   * @param padding the padding id, or -1
   */
  LastTokenHead(String name, Linear linear, int padding) {
    this.name = name;
    this.linear = linear;
    this.padding = padding;
  }

  @Override
  public Tensor logits(Tensor hidden, Tokens tokens, Pass pass) {
    return ofLasts(hidden.indexSelect(0, lasts(tokens).to(hidden.device())), tokens, pass);
  }

  /** The logits; where each text is read at its end, the decoder's last layer gives no more. */
  Outputs answer(LlamaDecoder decoder, Tokens tokens, Pass pass) {
    boolean ends = lasts(tokens).sameAs(tokens.segments().lasts());
    Tensor hidden = ends ? decoder.lasts(tokens, pass) : decoder.forward(tokens, pass);
    return new Outputs(
        hidden,
        Scope.call(() -> ends ? ofLasts(hidden, tokens, pass) : logits(hidden, tokens, pass)));
  }

  private Tensor ofLasts(Tensor last, Tokens tokens, Pass pass) {
    return linear.forward(last, pass.at(name), tokens.segments());
  }

  private Tensor lasts(Tokens tokens) {
    Segments segments = tokens.segments();
    long[] ids = tokens.ids().toLongs();
    long[] at = new long[segments.count()];
    int first = 0;
    for (int i = 0; i < at.length; i++) {
      int last = first + segments.length(i) - 1;
      while (last >= first && ids[last] == padding) {
        last--;
      }
      at[i] = Math.max(last, first);
      first += segments.length(i);
    }
    return Tensor.of(at, at.length);
  }

  @Override
  public void parts(Parts parts) {
    parts.module(name, linear);
  }
}
