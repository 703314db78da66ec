package dev.luthier.model.llama;

import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.encoder.HeadLayers;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A decoder with a head, or without one. */
public final class LlamaModel implements Model {
  private final LlamaDecoder decoder;
  private final @Nullable HeadLayers head;

  LlamaModel(LlamaDecoder decoder, @Nullable HeadLayers head) {
    this.decoder = decoder;
    this.head = head;
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

  /** The part below the head. */
  public LlamaDecoder decoder() {
    return decoder;
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
  public void parts(Parts parts) {
    parts.module(head == null ? "" : LlamaNames.PREFIX, decoder);
    if (head != null) {
      parts.module("", head);
    }
  }
}
