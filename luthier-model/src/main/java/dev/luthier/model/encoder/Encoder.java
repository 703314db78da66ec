package dev.luthier.model.encoder;

import dev.luthier.model.LayerStack;
import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The embeddings and the layers above them. */
public final class Encoder implements Module, LayerStack.Body {
  private final EncoderSpec spec;
  private final EncoderNames names;
  private final Embeddings embeddings;
  private final List<EncoderLayer> layers = new ArrayList<>();
  private final LayerStack stack = new LayerStack(this);

  /** Declares an encoder whose parts carry a family's names. */
  public Encoder(EncoderSpec spec, EncoderNames names, Embeddings embeddings) {
    this.spec = spec;
    this.names = names;
    this.embeddings = embeddings;
    for (int i = 0; i < spec.layers(); i++) {
      layers.add(new EncoderLayer(spec, names));
    }
  }

  /**
   * @return the last hidden states {@code [tokens, width]}
   */
  public Tensor forward(Tokens tokens, Pass pass) {
    return stack.forward(tokens, pass);
  }

  /**
   * The last hidden states of each sequence's first token. The last layer answers for those alone,
   * which saves most of its work.
   *
   * @return {@code [sequences, width]}
   */
  public Tensor firsts(Tokens tokens, Pass pass) {
    Segments segments = tokens.segments();
    Tensor x = stack.forward(tokens, pass, this::overButLast);
    return x.size(0) == segments.total() ? x.indexSelect(0, segments.firsts().to(x.device())) : x;
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
   * gives.
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

  /** What runs the layers. */
  public LayerStack stack() {
    return stack;
  }

  @Override
  public List<EncoderLayer> layers() {
    return Collections.unmodifiableList(layers);
  }

  /** The embeddings. */
  @Override
  public Embeddings embeddings() {
    return embeddings;
  }

  /** The sizes. */
  public EncoderSpec spec() {
    return spec;
  }

  @Override
  public void parts(Parts parts) {
    parts.module("embeddings", embeddings);
    for (int i = 0; i < layers.size(); i++) {
      parts.module(names.layers() + "." + i, layers.get(i));
    }
  }
}
