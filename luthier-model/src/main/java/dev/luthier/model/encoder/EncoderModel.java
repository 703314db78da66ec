package dev.luthier.model.encoder;

import dev.luthier.model.LayerStack;
import dev.luthier.model.Model;
import dev.luthier.model.ModelException;
import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Stability;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An encoder with a head, or without one. */
public final class EncoderModel implements Model {
  private final String prefix;
  private final Encoder encoder;
  private final @Nullable HeadLayers head;

  /**
   * @param prefix what the encoder's names begin with under a head; a bare encoder has none
   */
  public EncoderModel(String prefix, Encoder encoder, @Nullable HeadLayers head) {
    this.prefix = head == null ? "" : prefix;
    this.encoder = encoder;
    this.head = head;
  }

  @Override
  public Outputs forward(Tokens tokens, Pass pass) {
    Tensor hidden = encoder.forward(tokens, pass);
    HeadLayers layers = head;
    return new Outputs(
        hidden, layers == null ? null : Scope.call(() -> layers.logits(hidden, tokens, pass)));
  }

  @Override
  public Outputs answer(Tokens tokens, Pass pass) {
    return head == null ? forward(tokens, pass) : head.answer(encoder, tokens, pass);
  }

  @Override
  public LayerStack stack() {
    return encoder.stack();
  }

  @Override
  public List<List<Tensor>> attentions(Tokens tokens) {
    return encoder.stack().attentions(tokens);
  }

  @Override
  public void stabilize(Stability how) {
    if (how.normsValues()) {
      throw new ModelException(
          "the layers of this encoder have their norms after attention, so there is none before it"
              + " that qkv-norm could stand for; take qk-norm or qk-norm-cap");
    }
    encoder.layers().forEach(layer -> layer.stabilize(how));
  }

  /** The part below the head. */
  public Encoder encoder() {
    return encoder;
  }

  @Override
  public int maxTokens() {
    return encoder.spec().maxTokens();
  }

  @Override
  public int vocabulary() {
    return encoder.spec().vocabulary();
  }

  @Override
  public boolean hasHead() {
    return head != null;
  }

  @Override
  public void parts(Parts parts) {
    parts.module(prefix, encoder);
    if (head != null) {
      parts.module("", head);
    }
  }
}
