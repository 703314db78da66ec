package dev.luthier.model.vit;

import dev.luthier.model.LayerStack;
import dev.luthier.model.Model;
import dev.luthier.model.Outputs;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A Vision Transformer, with a classifier on the [CLS] token or without. */
public final class VitModel implements Model {
  private final VitEncoder encoder;
  private final @Nullable Linear classifier;

  /**
   * @param labels logits of each image, or null for a network without a head
   */
  VitModel(VitConfig config, @Nullable Integer labels) {
    this.encoder = new VitEncoder(config);
    this.classifier = labels == null ? null : Linear.of(config.width(), labels, config.deviation());
  }

  @Override
  public Outputs forward(Tokens tokens, Pass pass) {
    Tensor hidden = encoder.forward(tokens, pass);
    if (classifier == null) {
      return new Outputs(hidden, null);
    }
    Tensor firsts = hidden.indexSelect(0, tokens.segments().firsts().to(hidden.device()));
    return new Outputs(hidden, logits(classifier, firsts, tokens, pass));
  }

  @Override
  public Outputs answer(Tokens tokens, Pass pass) {
    if (classifier == null) {
      return forward(tokens, pass);
    }
    Tensor firsts = encoder.firsts(tokens, pass);
    return new Outputs(firsts, logits(classifier, firsts, tokens, pass));
  }

  private static Tensor logits(Linear head, Tensor firsts, Tokens tokens, Pass pass) {
    return Scope.call(() -> head.forward(firsts, pass.at(VitNames.CLASSIFIER), tokens.segments()));
  }

  @Override
  public LayerStack stack() {
    return encoder.stack();
  }

  @Override
  public List<List<Tensor>> attentions(Tokens tokens) {
    return encoder.stack().attentions(tokens);
  }

  /** The part below the head. */
  public VitEncoder encoder() {
    return encoder;
  }

  @Override
  public boolean hasHead() {
    return classifier != null;
  }

  @Override
  public void parts(Parts parts) {
    parts.module(classifier == null ? "" : VitNames.PREFIX, encoder);
    if (classifier != null) {
      parts.module(VitNames.CLASSIFIER, classifier);
    }
  }
}
