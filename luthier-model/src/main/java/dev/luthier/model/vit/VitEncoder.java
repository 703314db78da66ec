package dev.luthier.model.vit;

import dev.luthier.model.LayerStack;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.LayerNorm;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Parameter;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Patches, the layers above them, and the norm above those. */
public final class VitEncoder implements Module, LayerStack.Body {
  private final VitConfig config;
  private final VitEmbeddings embeddings;
  private final List<VitLayer> layers = new ArrayList<>();
  private final LayerNorm norm;
  private final LayerStack stack = new LayerStack(this);

  /** Declares an encoder. */
  VitEncoder(VitConfig config) {
    this.config = config;
    this.embeddings = new VitEmbeddings(config);
    for (int i = 0; i < config.layers(); i++) {
      layers.add(new VitLayer(config));
    }
    this.norm = new LayerNorm(config.width(), config.epsilon());
  }

  /**
   * @return the last hidden states, normalised {@code [tokens, width]}
   */
  Tensor forward(Tokens tokens, Pass pass) {
    Tensor x = stack.forward(tokens, pass);
    return Scope.call(() -> norm.forward(x));
  }

  /**
   * The last hidden states of each image's first token, normalised. The last layer answers for
   * those alone, which saves most of its work.
   *
   * @return {@code [images, width]}
   */
  Tensor firsts(Tokens tokens, Pass pass) {
    Segments segments = tokens.segments();
    Tensor x = stack.forward(tokens, pass, this::overButLast);
    return Scope.call(
        () ->
            norm.forward(
                x.size(0) == segments.total()
                    ? x.indexSelect(0, segments.firsts().to(x.device()))
                    : x));
  }

  private LayerStack.Run overButLast(Tokens tokens, Tensor states) {
    Segments segments = tokens.segments();
    return (i, x, pass) ->
        i < layers.size() - 1
            ? layers.get(i).forward(x, pass, segments)
            : layers.get(i).firsts(x, pass, segments);
  }

  /**
   * All hidden states, each {@code [tokens, width]}: what the embeddings give, then what each layer
   * gives, before the last norm.
   */
  public List<Tensor> states(Tokens tokens, Pass pass) {
    return stack.states(tokens, pass);
  }

  @Override
  public Tensor embed(Tokens tokens, Pass pass) {
    return embeddings.forward(tokens, pass);
  }

  @Override
  public LayerStack.Run over(Tokens tokens, Tensor states) {
    return (i, x, pass) -> layers.get(i).forward(x, pass, tokens.segments());
  }

  @Override
  public List<Tensor> maps(int index, Tokens tokens, Tensor x) {
    return layers.get(index).maps(x, tokens.segments());
  }

  /** The sizes. */
  public VitConfig config() {
    return config;
  }

  /** What makes hidden states of patches, {@code [width, channels, patch, patch]}. */
  public Parameter projection() {
    return embeddings.projection();
  }

  /** What runs the layers. */
  LayerStack stack() {
    return stack;
  }

  @Override
  public List<? extends Module> layers() {
    return Collections.unmodifiableList(layers);
  }

  @Override
  public Module embeddings() {
    return embeddings;
  }

  @Override
  public void parts(Parts parts) {
    parts.module("embeddings", embeddings);
    for (int i = 0; i < layers.size(); i++) {
      parts.module(VitNames.LAYERS + "." + i, layers.get(i));
    }
    parts.module(VitNames.NORM, norm);
  }
}
