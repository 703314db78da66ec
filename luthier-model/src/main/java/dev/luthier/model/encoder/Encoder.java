package dev.luthier.model.encoder;

import dev.luthier.model.Tokens;
import dev.luthier.model.nn.Module;
import dev.luthier.model.nn.Pass;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** The embeddings and the layers above them. */
public final class Encoder implements Module {
  private final EncoderSpec spec;
  private final EncoderNames names;
  private final Embeddings embeddings;
  private final List<EncoderLayer> layers = new ArrayList<>();

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
    Tensor x = Scope.call(() -> embeddings.forward(tokens, pass));
    for (int i = 0; i < layers.size(); i++) {
      x = layer(i, x, tokens, pass);
    }
    return x;
  }

  /**
   * All hidden states, each {@code [tokens, width]}: what the embeddings give, then what each layer
   * gives.
   */
  public List<Tensor> states(Tokens tokens, Pass pass) {
    List<Tensor> states = new ArrayList<>();
    states.add(Scope.call(() -> embeddings.forward(tokens, pass)));
    for (int i = 0; i < layers.size(); i++) {
      states.add(layer(i, states.get(i), tokens, pass));
    }
    return states;
  }

  private Tensor layer(int i, Tensor x, Tokens tokens, Pass pass) {
    return Scope.call(() -> layers.get(i).forward(x, pass.at(i), tokens.segments()));
  }

  /** The embeddings. */
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
