package dev.luthier.model.encoder;

import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Activation;
import dev.luthier.model.nn.Init;
import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Linear;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The head of a masked language model: LayerNorm(activation(h W)) Eᵀ + b. E is the table of the
 * word embeddings itself where the two are tied (Press and Wolf 2016, arXiv:1608.05859).
 */
public final class VocabularyHead implements HeadLayers {
  private final Form form;
  private final Linear transform;
  private final LayerNorm norm;
  private final Parameter bias;
  private final Linear decoder;

  /**
   * What families do differently.
   *
   * @param transform name of the first layer
   * @param norm name of the norm
   * @param bias name of the output bias where it stands apart from the decoder, else null
   * @param decoder name of the output layer
   * @param activation after the first layer
   */
  public record Form(
      String transform,
      String norm,
      @Nullable String bias,
      String decoder,
      Activation activation) {}

  /**
   * Declares a head.
   *
   * @param tied the word table to share, or null for an output table of its own
   */
  public VocabularyHead(Form form, EncoderSpec spec, @Nullable Parameter tied) {
    this.form = form;
    this.transform = Linear.of(spec.width(), spec.width(), spec.deviation());
    this.norm = new LayerNorm(spec.width(), spec.epsilon());
    this.bias = new Parameter(Init.zeros(), spec.vocabulary());
    this.decoder =
        new Linear(
            tied == null
                ? new Parameter(Init.normal(spec.deviation()), spec.vocabulary(), spec.width())
                : tied,
            bias);
  }

  @Override
  public Tensor logits(Tensor hidden, Tokens tokens, Pass pass) {
    Segments s = tokens.wantedSegments();
    Tensor h = transform.forward(HeadLayers.wanted(hidden, tokens), pass.at(form.transform()), s);
    Tensor n = norm.forward(pass.activated(transform, form.activation().apply(h)));
    return decoder.forward(n, pass.at(form.decoder()), s);
  }

  @Override
  public void parts(Parts parts) {
    parts.module(form.transform(), transform);
    parts.module(form.norm(), norm);
    String apart = form.bias();
    if (apart != null) {
      parts.parameter(apart, bias);
    }
    parts.module(form.decoder(), decoder);
  }
}
