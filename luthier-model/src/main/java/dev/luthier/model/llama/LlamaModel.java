package dev.luthier.model.llama;

import dev.luthier.model.Decoder;
import dev.luthier.model.LayerStack;
import dev.luthier.model.ModelException;
import dev.luthier.model.Outputs;
import dev.luthier.model.Readout;
import dev.luthier.model.Tokens;
import dev.luthier.model.encoder.HeadLayers;
import dev.luthier.model.nn.KeyValues;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.nn.Stability;
import dev.luthier.tensor.Autograd;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A decoder with a head, or without one. */
public final class LlamaModel implements Decoder {
  private final LlamaDecoder decoder;
  private final @Nullable HeadLayers head;
  private final boolean predictsNext;

  /**
   * @param predictsNext whether the head is that for the next token
   */
  LlamaModel(LlamaDecoder decoder, @Nullable HeadLayers head, boolean predictsNext) {
    this.decoder = decoder;
    this.head = head;
    this.predictsNext = predictsNext;
  }

  @Override
  public Outputs forward(Tokens tokens, Pass pass) {
    Tensor hidden = decoder.forward(tokens, pass);
    HeadLayers layers = head;
    if (layers == null) {
      return new Outputs(hidden, null);
    }
    return new Outputs(hidden, Scope.call(() -> layers.logits(hidden, tokens, pass)));
  }

  @Override
  public Outputs answer(Tokens tokens, Pass pass) {
    return head instanceof LastTokenHead last
        ? last.answer(decoder, tokens, pass)
        : forward(tokens, pass);
  }

  @Override
  public @Nullable Readout readout(Tokens tokens, Pass pass) {
    return head == null ? null : head.readout(() -> decoder.forward(tokens, pass), tokens, pass);
  }

  @Override
  public KeyValues room(int tokens) {
    LlamaConfig c = decoder.config();
    return new KeyValues(c.layers(), tokens, c.groups(), c.headWidth(), decoder.type());
  }

  @Override
  public Tensor readOn(Tokens tokens, List<KeyValues> past) {
    HeadLayers layers = head;
    if (layers == null || !predictsNext) {
      throw new ModelException("this model has no head for the next token, so it cannot read on");
    }
    if (past.size() != tokens.segments().count()) {
      throw new IllegalArgumentException(
          tokens.segments().count() + " sequences, but " + past.size() + " were read before");
    }
    try (Autograd.Guard off = Autograd.noGrad()) {
      return Scope.call(
          () -> layers.logits(decoder.forward(tokens, past), oneEach(tokens), Pass.EVALUATION));
    }
  }

  /** The last token of each sequence, as a batch. */
  private static Tokens oneEach(Tokens tokens) {
    Segments s = tokens.segments();
    long[] rows = IntStream.range(0, s.count()).mapToLong(s::row).toArray();
    int[] ones = new int[rows.length];
    Arrays.fill(ones, 1);
    return new Tokens(tokens.ids().indexSelect(0, s.lasts()), new Segments(ones, rows));
  }

  @Override
  public LayerStack stack() {
    return decoder.stack();
  }

  /** The part below the head. */
  public LlamaDecoder decoder() {
    return decoder;
  }

  @Override
  public List<List<Tensor>> attentions(Tokens tokens) {
    return decoder.stack().attentions(tokens);
  }

  @Override
  public void stabilize(Stability how) {
    decoder.layers().forEach(layer -> layer.stabilize(how));
  }

  /** The longest text it was made for; a longer one is computed all the same. */
  @Override
  public int maxTokens() {
    return decoder.config().maxTokens();
  }

  @Override
  public int vocabulary() {
    return decoder.config().vocabulary();
  }

  @Override
  public boolean hasHead() {
    return head != null;
  }

  @Override
  public void parts(Parts parts) {
    parts.module(head == null ? "" : LlamaNames.PREFIX, decoder);
    if (head != null) {
      parts.module("", head);
    }
  }
}
